package redact

import "testing"

// The values are published examples of the authorities and of the usual validators, or made by the rule that the
// checking function names.
func TestIdentifiersKnownByShapeOrCheckDigits(t *testing.T) {
	check(t, Options{}, []string{
		"身份证 [[CN_RESIDENT_ID:310104195508073400]]",
		"[[CN_RESIDENT_ID:11010519491231002X]] 是示例, 110105194912310021 不是",
		"身份证号：[[CN_RESIDENT_ID:１１０１０５１９４９１２３１００２Ｘ]]",
		"他的身份证[[CN_RESIDENT_ID:11010519491231002x]]。",
		"信用代码 [[CN_USCC:123301006CNPPJRPWF]] and [[CN_USCC:91350100M000100Y43]]",
		"91350100M000100Y44 is wrong",
		"con DNI [[ES_NIF:43649019X]] y [[ES_NIF:12345678Z]]; [[ES_NIF:12345678-Z]], 12345678A no",
		"[[ES_NIF:12.345.678-Z]]",
		"su NIE es [[ES_NIE:Y1588230W]] o [[ES_NIE:X1234567L]] o [[ES_NIE:X-1234567-L]]",
		"codice fiscale: [[IT_FISCAL_CODE:TRGBMD85S03L219T]], [[IT_FISCAL_CODE:RSSMRA85T10A562S]]",
		"rssmra85t10a562t non va",
		"numéro de sécu [[FR_NIR:1 63 06 33 102 294 86]] ou [[FR_NIR:255081416802538]]",
		"NIR [[FR_NIR:2 69 05 49 588 157 80]]",
		"1 63 06 33 102 294 87 est faux",
		"o CPF dele é [[BR_CPF:968.894.566-88]] e [[BR_CPF:529.982.247-25]]",
		"CPF [[BR_CPF:52998224725]]; 529.982.247-26 não",
		"CNPJ: [[BR_CNPJ:99.741.074/0001-46]]; [[BR_CNPJ:11.222.333/0001-81]]",
		"novo [[BR_CNPJ:12.ABC.345/01DE-35]]",
		"hetu: [[FI_HETU:080507A260C]] tai [[FI_HETU:131052-308T]]; 131052-308U ei",
		"주민등록번호 [[KR_RRN:780617-1164748]], 780617-1164749 아님",
		"nric no. [[SG_NRIC:S7636731J]]; [[SG_NRIC:S1234567D]], [[SG_NRIC:T0123456G]], [[SG_NRIC:F1234567N]], [[SG_NRIC:G1234567X]], S1234567A",
		"pnr [[SE_PERSONNUMMER:197904208100]] och [[SE_PERSONNUMMER:811218-9876]]; 811218-9877",
		"numéro national [[BE_NRN:85.07.30-033.28]] ou [[BE_NRN:85073003328]]",
		"เลขประจำตัวประชาชน [[TH_TNIN:1-1018-00048-72-3]]",
		"SSN on file [[US_SSN:276-66-7011]]; 000-12-3456, 666-12-3456, 276-00-7011, 276-66-0000",
		"ITIN: [[US_ITIN:932-99-1566]]; 900-12-3456",
		"national insurance [[UK_NINO:SJ898190B]] or [[UK_NINO:AB 12 34 56 C]]; BG123456A, QQ123456C",
		"Aadhaar card [[IN_AADHAAR:6119 9742 6022]], 6119 9742 6023",
	})
}

func TestIdentifiersThatNeedALabel(t *testing.T) {
	check(t, Options{}, []string{
		"Steuer-Identifikationsnummer [[DE_TAX_ID:46420591383]], Steuer-ID: [[DE_TAX_ID:86 095 742 719]]",
		"IdNr. [[DE_TAX_ID:86095742719]]",
		"86095742719 allein",
		"NHS: [[UK_NHS:722 736 3236]], nhs number [[UK_NHS:9434765919]]; 9434765910",
		"numer PESEL [[PL_PESEL:85011884186]]; pesel: [[PL_PESEL:44051401359]]",
		"44051401359",
		"het BSN [[NL_BSN:455227366]], burgerservicenummer [[NL_BSN:111222333]]; BSN 111222334",
		"マイナンバー：[[JP_MY_NUMBER:1932 4647 3385]]、個人番号[[JP_MY_NUMBER:123456789018]]",
		"tax file no [[AU_TFN:678 206 487]], TFN: [[AU_TFN:123456782]]",
		"ABN [[AU_ABN:51 824 753 556]]; ABN: [[AU_ABN:51824753556]]",
		"Medicare: [[AU_MEDICARE:4687 63927 2]], medicare card [[AU_MEDICARE:2123 45670 1]]",
		"kimlik no [[TR_ID:17617923400]]; TC [[TR_ID:10000000146]]",
		"SIN is [[CA_SIN:046 454 286]]",
		"SIN [[CA_SIN:146 659 487]]; social insurance number [[CA_SIN:130692544]]",
		"RSA ID number [[ZA_ID:8001015009087]]",
		"NPI [[US_NPI:1234567893]]; NPI 1234567890",
		"EIN: [[US_EIN:81-3608822]], employer identification number [[US_EIN:813608822]]",
		"PAN: [[IN_PAN:QZNFF5480X]], PAN card [[IN_PAN:ABCPE1234F]]",
		"QZNFF5480X alone",
		"ssn [[US_SSN:276667011]], social security number [[US_SSN:276 66 7011]]",
		"52998224725 sem rótulo",
		"aadhaar [[IN_AADHAAR:611997426022]]",
		`{"ssn":"[[US_SSN:276667011]]","nhs_number":"[[UK_NHS:9434765919]]","taxFileNumber":"[[AU_TFN:123456782]]"}`,
		"[[US_SSN:276667011]] is my SSN",
		"ssn [[US_SSN:276667011]], [[US_SSN:276667012]] and [[US_SSN:276667013]]",
		"ssn [[US_SSN:276667011]], with file 276667012",
		"DNI [[ES_NIF:12345678Z]], tel. [[PHONE:612 345 678]]",
	})
}
