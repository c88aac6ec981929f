package redact

import (
	"fmt"
	"strings"
)

// made is a type whose values are made by chance in the forms that its authority and its holders write.
type made struct {
	typ    Type
	value  func(r *dice) string
	labels []string // what announces it, in some languages
	bare   bool     // its form or check digits are enough without a label
}

// until makes digits until they hold.
func (r *dice) until(next func() string, holds func(d []byte) bool) []byte {
	for {
		v := []byte(next())
		if holds(figuresOf(v)) {
			return v
		}
	}
}

// figuresOf is the digits' values.
func figuresOf(v []byte) []byte {
	d := make([]byte, 0, len(v))
	for _, c := range v {
		d = append(d, c-'0')
	}
	return d
}

// split parts v into groups of the sizes.
func split(v, sep string, sizes ...int) string {
	var parts []string
	for _, n := range sizes {
		parts = append(parts, v[:n])
		v = v[n:]
	}
	return strings.Join(parts, sep)
}

func (r *dice) birth() string {
	return fmt.Sprintf("%02d%02d%02d", r.in(0, 99), r.in(1, 12), r.in(1, 28))
}

// ibanOf makes a number of a country with the check digits of ISO 7064 MOD 97-10.
func ibanOf(country, rest string) string {
	m := 0
	for _, c := range rest + country + "00" {
		if c >= 'A' {
			m = (m*100 + int(c-'A') + 10) % 97
		} else {
			m = (m*10 + int(c-'0')) % 97
		}
	}
	return fmt.Sprintf("%s%02d%s", country, 98-m, rest)
}

func fours(v, sep string) string {
	var b strings.Builder
	for k := range len(v) {
		if k > 0 && k%4 == 0 {
			b.WriteString(sep)
		}
		b.WriteByte(v[k])
	}
	return b.String()
}

func madeContacts() []made {
	return []made{
		{Email, func(r *dice) string {
			local := r.of("jane.doe", "o'neil", "j_smith"+r.digits(2), "info", "a.b-c", "x+tag", "maria.garcia", "li.wei"+r.digits(3), "team.sales", "root", "J.R.Tolkien", "müller", "user%host")
			return local + "@" + r.of("example.com", "mail.example.co.uk", "acme.io", "xn--bcher-kva.example", "bücher.de", "uni-köln.de", "qq.com", "company.com.br", "sub.domain.org", "yandex.ru", "foo.museum")
		}, []string{"email", "E-Mail", "邮箱", "correo", "mail"}, true},
		{Phone, func(r *dice) string {
			n := func(k int) string { return r.chars(figures0, k) }
			nxx := func() string { return r.chars("23456789", 1) + n(2) }
			return r.of("+1 "+nxx()+"-"+nxx()+"-"+n(4), "+1"+nxx()+nxx()+n(4), "+1 ("+nxx()+") "+nxx()+"-"+n(4), "+44 20 7"+n(3)+" "+n(4), "+447"+n(9), "+44 (0)20 7"+n(3)+" "+n(4), "+49 30 "+n(4)+" "+n(4), "+49 (0) 171 "+n(7), "+49-89-"+n(7), "0049 171 "+n(7), "+33 6 "+n(2)+" "+n(2)+" "+n(2)+" "+n(2), "+33.1."+n(2)+"."+n(2)+"."+n(2)+"."+n(2), "+86 138 "+n(4)+" "+n(4), "+8613"+n(9), "+81 3-"+n(4)+"-"+n(4), "+81-90-"+n(4)+"-"+n(4), "+91 98"+n(3)+" "+n(5), "+55 11 9"+n(4)+"-"+n(4), "+55 (21) 9"+n(4)+"-"+n(4), "+7 (912) "+n(3)+"-"+n(2)+"-"+n(2), "+7 495 "+n(3)+" "+n(2)+" "+n(2), "+39 06 "+n(8), "+39 347 "+n(7), "+34 6"+n(2)+" "+n(3)+" "+n(3), "+31 6 "+n(8), "+46 70 "+n(3)+" "+n(2)+" "+n(2), "+358 40 "+n(7), "+48 5"+n(2)+" "+n(3)+" "+n(3), "+90 532 "+n(3)+" "+n(2)+" "+n(2), "+82 10-"+n(4)+"-"+n(4), "+61 4"+n(2)+" "+n(3)+" "+n(3), "+65 9"+n(3)+" "+n(4), "+852 9"+n(3)+" "+n(4), "+971 50 "+n(3)+" "+n(4), "+972-54-"+n(7), "+27 82 "+n(3)+" "+n(4), "+66 81 "+n(3)+" "+n(4), "+84 91 "+n(3)+" "+n(4), "+62 812-"+n(4)+"-"+n(4), "+41 44 "+n(3)+" "+n(2)+" "+n(2), "+43 1 "+n(7), "+32 470 "+n(2)+" "+n(2)+" "+n(2), "+351 91"+n(1)+" "+n(3)+" "+n(3), "+420 60"+n(1)+" "+n(3)+" "+n(3), "+30 694 "+n(3)+" "+n(4), "+380 67 "+n(3)+" "+n(2)+" "+n(2), "+353 87 "+n(3)+" "+n(4), "+64 21 "+n(3)+" "+n(4), "+52 55 "+n(4)+" "+n(4), "+54 9 11 "+n(4)+"-"+n(4))
		}, []string{"phone", "Tel.", "电话", "телефон", "電話"}, true},
		{Phone, func(r *dice) string {
			n := func(k int) string { return r.chars(figures0, k) }
			nxx := func() string { return r.chars("23456789", 1) + n(2) }
			return r.of("("+nxx()+") "+nxx()+"-"+n(4), nxx()+"-"+nxx()+"-"+n(4), nxx()+"."+nxx()+"."+n(4), nxx()+" "+nxx()+" "+n(4), nxx()+nxx()+n(4), "1-"+nxx()+"-"+nxx()+"-"+n(4), nxx()+"-"+n(4), nxx()+"-"+nxx()+"-"+n(4)+" x"+n(3), "("+nxx()+") "+nxx()+"-"+n(4)+" ext. "+n(2), "020 7"+n(3)+" "+n(4), "07"+n(3)+" "+n(6), "030 "+n(7), "030/"+n(7), "0171-"+n(7), "(089) "+n(6), "06 "+n(2)+" "+n(2)+" "+n(2)+" "+n(2), "01.4"+n(1)+"."+n(2)+"."+n(2)+"."+n(2), "138"+n(8), "138 "+n(4)+" "+n(4), "138-"+n(4)+"-"+n(4), "010-8"+n(7), "021-5"+n(7), "03-"+n(4)+"-"+n(4), "090-"+n(4)+"-"+n(4), "8 (912) "+n(3)+"-"+n(2)+"-"+n(2), "8912"+n(7), "(11) 9"+n(4)+"-"+n(4), "11 9"+n(4)+"-"+n(4), "010-"+n(4)+"-"+n(4), "02-"+n(3)+"-"+n(4), "6"+n(2)+" "+n(3)+" "+n(3), "6"+n(2)+" "+n(2)+" "+n(2)+" "+n(2), "347 "+n(7), "06-"+n(8), "06 "+n(8), "070-"+n(3)+" "+n(2)+" "+n(2), "040 "+n(7), "5"+n(2)+" "+n(3)+" "+n(3), "0532 "+n(3)+" "+n(2)+" "+n(2), "054-"+n(7), "081-"+n(3)+"-"+n(4), "0812-"+n(4)+"-"+n(4), "0912 "+n(3)+" "+n(3), "98"+n(3)+" "+n(5), "0"+"4"+n(2)+" "+n(3)+" "+n(3), "9"+n(3)+" "+n(4), "2"+n(3)+" "+n(4))
		}, []string{"phone", "mobile", "Tel", "cell", "fax", "Telefon", "Handy", "téléphone", "portable", "teléfono", "móvil", "telefono", "cellulare", "telefone", "celular", "telefoon", "电话", "手机号", "电话号码", "電話番号", "携帯", "전화번호", "휴대폰", "телефон", "тел.", "τηλέφωνο", "هاتف", "טלפון", "โทร", "số điện thoại", "telepon", "puhelin", "tlf", "फ़ोन", "telefon", "cep telefonu", "WhatsApp", "call me at", "whatsapp", "phone_number", "contact number"}, false},
		{IPAddress, func(r *dice) string {
			return r.of(fmt.Sprintf("%d.%d.%d.%d", r.size(45, 66, 91, 131, 178, 203), r.in(0, 255), r.in(0, 255), r.in(1, 254)), "2a0"+r.hex(1)+":"+"1"+r.hex(3)+"::"+"2"+r.hex(2), "2001:4860:4860::8"+r.hex(3), "2620:0:2d0:200::7", "2a04:5a64:"+r.hex(4)+":"+r.hex(4)+":"+r.hex(4)+":"+r.hex(4)+":"+r.hex(4)+":"+r.hex(4), strings.ToUpper("2a02:26f0:"+r.hex(4)+"::"+r.hex(4)))
		}, []string{"ip", "client", "from", "IP地址", "host", "remote_addr", "адрес"}, true},
		{MACAddress, func(r *dice) string {
			h := "0" + r.hex(11)
			return r.of(split(h, ":", 2, 2, 2, 2, 2, 2), split(strings.ToUpper(h), ":", 2, 2, 2, 2, 2, 2), split(h, "-", 2, 2, 2, 2, 2, 2), split(strings.ToUpper(h), "-", 2, 2, 2, 2, 2, 2), split("a"+h[1:], ".", 4, 4, 4))
		}, []string{"mac", "ether", "hwaddr", "nic"}, true},
		{DateOfBirth, func(r *dice) string {
			return r.time().AddDate(-r.in(10, 60), 0, 0).Format(r.of("2006-01-02", "02.01.2006", "01/02/2006", "2/1/2006", "02-01-2006", "2 January 2006", "January 2, 2006", "2 Jan 2006", "Jan 2, 2006", "2006/01/02", "2006年1月2日", "20060102", "2.1.2006", "02/01/06"))
		}, []string{"date of birth", "DOB", "born", "born on", "birthday", "出生日期", "生日", "Geburtsdatum", "geboren am", "né le", "date de naissance", "fecha de nacimiento", "data di nascita", "data de nascimento", "geboortedatum", "生年月日", "생년월일", "дата рождения", "födelsedatum", "syntymäaika", "data urodzenia", "doğum tarihi", "تاريخ الميلاد", "תאריך לידה", "ngày sinh", "tanggal lahir", "ημερομηνία γέννησης", "birth_date", "dateOfBirth", "जन्म तिथि", "วันเกิด"}, false},
	}
}

func madeMoney() []made {
	return []made{
		{CreditCard, func(r *dice) string {
			sixteen := luhnOf(r.of("4"+r.chars(figures0, 14), "5"+r.chars("12345", 1)+r.chars(figures0, 13), "222"+r.chars("123456789", 1)+r.chars(figures0, 11), "6011"+r.chars(figures0, 11), "3530"+r.chars(figures0, 11), "62"+r.chars(figures0, 13)))
			amex, diners := luhnOf("37"+r.chars(figures0, 12)), luhnOf("36"+r.chars(figures0, 11))
			return r.of(sixteen, fours(sixteen, " "), fours(sixteen, "-"), amex, split(amex, " ", 4, 6, 5), split(amex, "-", 4, 6, 5), diners, split(diners, " ", 4, 6, 4), fours(sixteen, "."), luhnOf("62"+r.chars(figures0, 16)))
		}, []string{"card", "credit card", "卡号", "visa", "Kreditkarte", "tarjeta", "carte", "card number", "カード番号", "카드번호", "карта"}, true},
		{IBAN, func(r *dice) string {
			n := func(k int) string { return r.chars(figures0, k) }
			v := r.of(ibanOf("DE", n(18)), ibanOf("FR", n(20)+"A"+n(2)), ibanOf("GB", "WEST"+n(14)), ibanOf("ES", n(20)), ibanOf("IT", "X"+n(22)), ibanOf("NL", "ABNA"+n(10)), ibanOf("BE", n(12)), ibanOf("CH", n(17)), ibanOf("AT", n(16)), ibanOf("PL", n(24)), ibanOf("SE", n(20)), ibanOf("NO", n(11)), ibanOf("TR", n(22)), ibanOf("SA", n(20)), ibanOf("AE", n(19)), ibanOf("BR", n(23)+"P1"), ibanOf("MT", "MALT"+n(5)+"MTLCAST001S"+n(7)), ibanOf("LU", n(16)))
			return r.of(v, fours(v, " "), strings.ToLower(v), fours(v, "-"))
		}, []string{"IBAN", "Konto", "account", "cuenta", "compte", "банковский счет"}, true},
		{USABARouting, func(r *dice) string {
			return string(r.until(func() string { return r.of("02", "11", "12", "26", "32", "07") + r.chars(figures0, 7) }, americanABA))
		}, []string{"routing number", "ABA", "routing", "RTN", "ABA routing number", "routing_number"}, false},
	}
}

func madeIDs() []made {
	with := func(n int, holds func([]byte) bool) func(*dice) []byte {
		return func(r *dice) []byte { return r.until(func() string { return r.digits(n) }, holds) }
	}
	cpf, aadhaar := with(11, brazilianCPF), with(12, verhoeff)
	sin, nhs, tfn, abn := with(9, canadianSIN), with(10, britishNHS), with(9, australianTFN), with(11, australianABN)
	medicare, tax, bsn, turk, thai := with(10, australianMedicare), with(11, germanTax), with(9, dutchBSN), with(11, turkishID), with(13, thaiTNIN)
	nir, my := with(15, frenchNIR), with(12, japaneseMyNumber)
	ssn := func(r *dice) string {
		return fmt.Sprintf("%03d%02d%04d", r.in(1, 665), r.in(1, 99), r.in(1, 9999))
	}
	return []made{
		{USSSN, func(r *dice) string { return split(ssn(r), "-", 3, 2, 4) }, []string{"SSN", "social security number", "ssn on file", "Social"}, true},
		{USSSN, func(r *dice) string { v := ssn(r); return r.of(v, split(v, " ", 3, 2, 4), split(v, ".", 3, 2, 4)) }, []string{"SSN", "social security number", "SSN", "ssn", "social security"}, false},
		{USITIN, func(r *dice) string { return fmt.Sprintf("9%02d-%02d-%04d", r.in(0, 99), r.in(70, 88), r.in(0, 9999)) }, []string{"ITIN", "itin", "taxpayer id"}, true},
		{USEIN, func(r *dice) string { return r.of("12", "36", "81", "94", "54") + "-" + r.chars(figures0, 7) }, []string{"EIN", "FEIN", "employer identification number", "federal tax id", "ein"}, false},
		{USNPI, func(r *dice) string {
			return string(r.until(func() string { return "1" + r.chars(figures0, 9) }, americanNPI))
		}, []string{"NPI", "npi", "National Provider Identifier", "NPI number"}, false},
		{CASIN, func(r *dice) string {
			v := string(sin(r))
			return r.of(v, split(v, " ", 3, 3, 3), split(v, "-", 3, 3, 3))
		}, []string{"SIN", "social insurance number", "NAS", "sin"}, false},
		{BRCPF, func(r *dice) string { v := string(cpf(r)); return split(v[:9], ".", 3, 3, 3) + "-" + v[9:] }, []string{"CPF", "cpf do cliente"}, true},
		{BRCPF, func(r *dice) string { return string(cpf(r)) }, []string{"CPF", "cpf", "CPF nº"}, false},
		{BRCNPJ, func(r *dice) string {
			v := string(r.until(func() string { return r.digits(8) + "0001" + r.chars(figures0, 2) }, brazilianCNPJ))
			return split(v[:8], ".", 2, 3, 3) + "/" + v[8:12] + "-" + v[12:]
		}, []string{"CNPJ", "cnpj"}, true},
		{INAadhaar, func(r *dice) string {
			v := string(aadhaar(r))
			for v[0] < '2' {
				v = string(aadhaar(r))
			}
			return fours(v, " ")
		}, []string{"Aadhaar", "aadhaar number", "आधार"}, true},
		{INPAN, func(r *dice) string {
			return r.chars(capitals, 3) + "P" + r.chars(capitals, 1) + r.digits(4) + r.chars(capitals, 1)
		}, []string{"PAN", "PAN card", "pan number", "PAN No", "permanent account number"}, false},
		{UKNHS, func(r *dice) string {
			v := string(nhs(r))
			return r.of(v, split(v, " ", 3, 3, 4), split(v, "-", 3, 3, 4))
		}, []string{"NHS", "NHS number", "nhs no", "NHS No."}, false},
		{UKNINO, func(r *dice) string {
			v := r.of("AB", "CE", "JM", "SJ", "WL") + r.chars(figures0, 6) + r.chars("ABCD", 1)
			return r.of(v, split(v, " ", 2, 2, 2, 2, 1))
		}, []string{"NI number", "NINO", "national insurance"}, true},
		{AUTFN, func(r *dice) string {
			v := string(tfn(r))
			return r.of(v, split(v, " ", 3, 3, 3), split(v, "-", 3, 3, 3))
		}, []string{"TFN", "tax file number", "tfn"}, false},
		{AUABN, func(r *dice) string { v := string(abn(r)); return r.of(v, split(v, " ", 2, 3, 3, 3)) }, []string{"ABN", "abn", "Australian Business Number"}, false},
		{AUMedicare, func(r *dice) string { v := string(medicare(r)); return r.of(v, split(v, " ", 4, 5, 1)) }, []string{"Medicare", "medicare number", "Medicare card"}, false},
		{DETaxID, func(r *dice) string { v := string(tax(r)); return r.of(v, split(v, " ", 2, 3, 3, 3)) }, []string{"Steuer-ID", "Steueridentifikationsnummer", "IdNr.", "steuer_id", "Steuerliche Identifikationsnummer"}, false},
		{NLBSN, func(r *dice) string {
			v := string(bsn(r))
			return r.of(v, split(v, ".", 4, 2, 3), split(v, " ", 3, 3, 3))
		}, []string{"BSN", "burgerservicenummer", "bsn-nummer", "sofinummer"}, false},
		{PLPESEL, func(r *dice) string {
			return string(r.until(func() string { return r.birth() + r.chars(figures0, 5) }, polishPESEL))
		}, []string{"PESEL", "nr PESEL", "numer PESEL"}, false},
		{TRID, func(r *dice) string { return string(turk(r)) }, []string{"TC Kimlik No", "T.C. kimlik numarası", "TCKN", "kimlik no"}, false},
		{JPMyNumber, func(r *dice) string { v := string(my(r)); return r.of(v, fours(v, " "), fours(v, "-")) }, []string{"マイナンバー", "個人番号", "My Number", "マイナンバー番号"}, false},
		{ZAID, func(r *dice) string {
			return string(r.until(func() string { return r.birth() + r.chars(figures0, 4) + r.of("0", "1") + "8" + r.chars(figures0, 1) }, southAfricanID))
		}, []string{"SA ID", "ID number", "RSA ID number", "identity number"}, false},
		{THTNIN, func(r *dice) string { v := string(thai(r)); return split(v, "-", 1, 4, 5, 2, 1) }, []string{"เลขประจำตัวประชาชน", "บัตรประชาชน", "Thai ID"}, true},
		{KRRRN, func(r *dice) string {
			v := string(r.until(func() string { return r.birth() + r.chars("1234", 1) + r.chars(figures0, 6) }, func(d []byte) bool { return koreanRRN(d) && koreanCheck(d) }))
			return v[:6] + "-" + v[6:]
		}, []string{"주민등록번호", "주민번호", "RRN"}, true},
		{CNResidentID, func(r *dice) string {
			for {
				v := r.of("110101", "310104", "440305", "510107", "330106") + r.time().AddDate(-30, 0, 0).Format("20060102") + r.chars(figures0, 3)
				d := figuresOf([]byte(v + "0"))
				if chineseResident(d[:17], 'X') {
					return v + r.of("X", "x")
				}
				for k := range 10 {
					if d[17] = byte(k); chineseResident(d, 0) {
						return v + fmt.Sprint(k)
					}
				}
			}
		}, []string{"身份证", "身份证号", "身份证号码", "ID card"}, true},
		{ESNIF, func(r *dice) string {
			v := r.chars(figures0, 8)
			c := spanishLetters[remainder(figuresOf([]byte(v)), 23)]
			return v + r.of("", "-") + string(c)
		}, []string{"DNI", "NIF", "dni"}, true},
		{ESNIE, func(r *dice) string {
			k, v := r.IntN(3), r.chars(figures0, 7)
			return "XYZ"[k:k+1] + r.of(v, v) + string(spanishLetters[remainder(figuresOf([]byte(fmt.Sprint(k)+v)), 23)])
		}, []string{"NIE", "nie"}, true},
		{FRNIR, func(r *dice) string {
			v := string(nir(r))
			return r.of(v, split(v, " ", 1, 2, 2, 2, 3, 3, 2), v[:13]+" "+v[13:])
		}, []string{"numéro de sécurité sociale", "NIR", "sécu"}, true},
		{BENRN, func(r *dice) string {
			v := string(r.until(func() string { return r.birth() + r.chars(figures0, 5) }, belgianNRN))
			return v[:2] + "." + v[2:4] + "." + v[4:6] + "-" + v[6:9] + "." + v[9:]
		}, []string{"rijksregisternummer", "numéro national", "NRN"}, true},
		{SEPersonnummer, func(r *dice) string {
			v := luhnOf(r.birth() + r.chars(figures0, 3))
			return r.of(v[:6]+"-"+v[6:], "19"+v[:6]+"-"+v[6:])
		}, []string{"personnummer", "pnr"}, true},
		{FIHETU, func(r *dice) string {
			d := fmt.Sprintf("%02d%02d%02d", r.in(1, 28), r.in(1, 12), r.in(30, 99))
			s := fmt.Sprintf("%03d", r.in(2, 899))
			return d + "-" + s + string("0123456789ABCDEFHJKLMNPRSTUVWXY"[remainder(figuresOf([]byte(d+s)), 31)])
		}, []string{"hetu", "henkilötunnus"}, true},
		{SGNRIC, func(r *dice) string {
			for {
				if v := r.chars("STFG", 1) + r.chars(figures0, 7) + r.chars(capitals, 1); singaporeNRIC([]byte(v)) {
					return v
				}
			}
		}, []string{"NRIC", "FIN", "nric no."}, true},
	}
}

func madeSecrets() []made {
	full := capitals + smalls + figures0
	return []made{
		{AWSAccessKey, func(r *dice) string { return r.of("AKIA", "ASIA") + r.chars(capitals+"234567", 16) }, []string{"aws_access_key_id", "key"}, true},
		{AWSSecretKey, func(r *dice) string { return r.chars(full+"+/", 40) }, []string{"aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "SecretAccessKey", "aws secret key"}, false},
		{GitHubToken, func(r *dice) string { return r.of("ghp_", "gho_", "ghs_", "ghu_") + r.chars(full, 36) }, []string{"token", "GITHUB_TOKEN"}, true},
		{GitHubToken, func(r *dice) string { return "github_pat_" + r.chars(full, 22) + "_" + r.chars(full, 59) }, []string{"token"}, true},
		{GitLabToken, func(r *dice) string { return "glpat-" + r.chars(full+"-_", 20) }, []string{"token"}, true},
		{SlackToken, func(r *dice) string { return "xoxb-" + r.digits(12) + "-" + r.digits(12) + "-" + r.chars(full, 24) }, []string{"slack"}, true},
		{SlackWebhook, func(r *dice) string {
			return "https://hooks.slack.com/services/T" + r.chars(capitals+figures0, 8) + "/B" + r.chars(capitals+figures0, 8) + "/" + r.chars(full, 24)
		}, []string{"webhook"}, true},
		{StripeKey, func(r *dice) string { return r.of("sk_live_", "rk_live_", "sk_test_") + r.chars(full, 24) }, []string{"stripe"}, true},
		{OpenAIKey, func(r *dice) string {
			return r.of("sk-proj-", "sk-svcacct-") + r.chars(full+"-_", 60) + "T3BlbkFJ" + r.chars(full, 60)
		}, []string{"OPENAI_API_KEY", "key"}, true},
		{OpenAIKey, func(r *dice) string { return "sk-" + r.chars(full, 20) + "T3BlbkFJ" + r.chars(full, 20) }, []string{"OPENAI_API_KEY"}, true},
		{AnthropicKey, func(r *dice) string { return "sk-ant-api03-" + r.chars(full+"-_", 93) + "AA" }, []string{"key"}, true},
		{GoogleAPIKey, func(r *dice) string { return "AIza" + r.chars(full+"-_", 34) + r.chars(full, 1) }, []string{"key"}, true},
		{NPMToken, func(r *dice) string { return "npm_" + r.chars(full, 36) }, []string{"_authToken"}, true},
		{PyPIToken, func(r *dice) string { return "pypi-AgEIcHlwaS5vcmc" + r.chars(full+"-_", 90) + "A" }, []string{"password"}, true},
		{HuggingFaceToken, func(r *dice) string { return "hf_" + r.chars(capitals+smalls, 34) }, []string{"HF_TOKEN"}, true},
		{SendGridKey, func(r *dice) string { return "SG." + r.chars(full+"-_", 22) + "." + r.chars(full+"-_", 42) + "a" }, []string{"key"}, true},
		{TelegramToken, func(r *dice) string { return r.digits(10) + ":AA" + r.chars(full+"-_", 32) + "a" }, []string{"bot token"}, true},
		{TwilioKey, func(r *dice) string { return "SK" + r.hex(32) }, []string{"twilio"}, true},
		{DigitalOceanToken, func(r *dice) string { return "dop_v1_" + r.hex(64) }, []string{"token"}, true},
		{ShopifyToken, func(r *dice) string { return r.of("shpat_", "shpss_") + r.hex(32) }, []string{"token"}, true},
		{DatabricksToken, func(r *dice) string { return "dapi" + r.hex(32) }, []string{"token"}, true},
		{JWT, func(r *dice) string {
			return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI" + r.chars(full, 60) + "." + r.chars(full+"-_", 42) + "a"
		}, []string{"bearer", "Authorization: Bearer"}, true},
		{ConnectionString, func(r *dice) string {
			return r.of("postgres", "mysql", "mongodb+srv", "redis", "amqp", "https") + "://" + r.of("app", "root", "svc_user") + ":" + r.chars(full, 14) + "@" + r.of("db.internal", "10.0.0.5", "cluster0.example.net") + ":5432/" + r.word()
		}, []string{"DATABASE_URL", "url"}, true},
		{GenericSecret, func(r *dice) string {
			return r.chars(full, 4) + r.chars(figures0, 2) + r.chars("!#%$*", 1) + r.chars(full, 7)
		}, []string{"password", "passwd", "DB_PASSWORD", "secret", "client_secret", "密码", "Passwort", "mot de passe", "contraseña", "пароль", "パスワード", "비밀번호", "senha", "hasło", "şifre"}, false},
		{GenericSecret, func(r *dice) string { return r.chars(full, r.size(24, 32, 40)) + r.digits(2) }, []string{"api_key", "apikey", "API_TOKEN", "access_token", "secret_key", "auth_token", "X-Api-Key", "client-secret"}, false},
	}
}
