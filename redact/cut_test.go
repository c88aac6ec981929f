package redact

import "testing"

// TestValuesThatALineEndCuts has values that go on in the next line, or the next column, with their label before them.
func TestValuesThatALineEndCuts(t *testing.T) {
	check(t, Options{}, []string{
		"social security number: [[US_SSN:445\n  36-8207]] ok",
		"my social is [[US_SSN:533-\n12-2348]]",
		"my social is [[US_SSN:701\r\n90-4798]]",
		"numéro de sécu [[FR_NIR:2 81 11 13 235\n  237 12]]",
		"NIR : [[FR_NIR:2\n63 11 13 326 060 87]]",
		"เลขบัตรประชาชน [[TH_TNIN:5\n  1816-24463-69-0]]",
		"マイナンバー：[[JP_MY_NUMBER:9007\r\n8445 8068]]",
		"CPF [[BR_CPF:491.274\n.271-61]], SSN [[US_SSN:436-55\n-4848]], CF [[IT_FISCAL_CODE:NLRRDM75\nT48L219Q]]",
		"EIN [[US_EIN:81 \n6661826]] and [[US_EIN:20 6636332]]",
		"Medicare no [[AU_MEDICARE:3357\r\n41274 1]]",
		"Medicare no [[AU_MEDICARE:2803\t80205\t5]]",
		"TFN [[AU_TFN:880\n  028 177]]",
		"SIN [[CA_SIN:550 \n343 164]]",
		"ABN [[AU_ABN:18 352 \n553 103]]",
		"card [[CREDIT_CARD:3634\r\n812059 6862]]",
		"card [[CREDIT_CARD:4\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1]]",
		"card:\n[[CREDIT_CARD:4\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1]]",
		"رقم البطاقة [[CREDIT_CARD:2496\t3560\t8563\t4940]]",
		"Aadhaar no. [[IN_AADHAAR:5849\t6041\t6763]]",
		"tel [[PHONE:+81 90\n2845-0731]], tél. [[PHONE:+81 90-8863-\n0120]]",
		"Tel. [[PHONE:+49 151\n> 30431051]]",
		"IBAN [[IBAN:DK47 \n4109 4535 3075 50]] or [[IBAN:DK58 9982 6340\n> 3406 04]]",
		"IBAN: [[IBAN:CZ84- 7490- 7493- 4291- 1997- 9000]]",
		"NI number [[UK_NINO:EA\n22 13 30 D]] or [[UK_NINO:SA 69 19 06\r\nC]]",
		"DNI [[ES_NIF:3231\n5665K]]",
		"codice fiscale [[IT_FISCAL_CODE:LTNPSR48\nA58H501T]]",
		"信用代码：[[CN_USCC:911101087\n49549701E]]",
		"NRIC [[SG_NRIC:T610\n1849I]]",
		"hetu [[FI_HETU:071183-\n685W]], PAN [[IN_PAN:LWRPA\n8795H]]",
		"btc [[CRYPTO_WALLET:bc1qpwcd9zxjvjmflfqp2z3frd\nj6lehue5l7yxmr2u]] thanks",
		"btc [[CRYPTO_WALLET:37oEjC8Ykh3FkSBbPzay\r\nzf8WHP8sVMXYqW]]",
		"key: [[GITHUB_TOKEN:ghp_5MyMkwTfm0HpC8\nVQWMWoxhkYJRUvwkmUuwSg81Kd]] ok",
		"token [[AWS_ACCESS_KEY:AKIAIGS3CZ\n7XUJW2YZBP]]",
		"key: [[GOOGLE_API_KEY:AIzaFiBoF_lp1p7-DiYre-\r\nPQH8G4zp5pHxz2R35]] ok",
	})
}

// TestWhatLineEndsPart has values and words that are whole, in lines of their own.
func TestWhatLineEndsPart(t *testing.T) {
	check(t, Options{}, []string{
		"1\n2\n3\n12\n34\n",
		"gains: +81\n 45 12\n",
		"12\t34\t5678\t9012\t3456\n",
		"key: [[GITHUB_TOKEN:ghp_5MyMkwTfm0HpC8VQWMWoxhkYJRUvwkmUuw81]]\nThanks2 a lot",
		"[[AWS_ACCESS_KEY:AKIAIGS3CZ7XUJW2YZBP]]\n[[AWS_ACCESS_KEY:AKIAIGS3CZ7XUJW2YZBQ]]\n",
		"DNI [[ES_NIF:32315665K]]\n[[ES_NIF:06761890M]]",
		"token [[ANTHROPIC_KEY:sk" + "-ant-api03-b8ZB_-r9NXTKYtSnlAPF7hatOCe7ceiR1bw24k_XzogulMqlljM2dceDCz8KW64nnzb3kBV-iPmOvdlEi1As5rG7zN-u8AA]]\nthanks a lot",
		"Bearer [[SENDGRID_KEY:S" + "G.aBcDeFgHiJkLmNoPqRsTuV.wXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ012]]\nbye",
		"SSN [[US_SSN:276-66-7011]]\n2024 was better",
		"T610\n1849I", // no label
		"AB 12 34 56\nC",
		"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\n2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\n",
		"call at 2024\nTherefore 2025\nAlways",
	})
}

// TestValuesUnderMarks has lines through and under characters, keys around them, and dots and long vowels between groups.
func TestValuesUnderMarks(t *testing.T) {
	check(t, Options{}, []string{
		"card [[CREDIT_CARD:5\u03323\u03323\u03323\u0332 3\u03323\u03321\u03321\u0332 1\u03328\u03329\u03324\u0332 7\u03323\u03326\u03321\u0332]], thanks",
		"my social is [[US_SSN:1\u03360\u03361\u0336-3\u03364\u0336-8\u03360\u03361\u03368\u0336]]",
		"SSN [[US_SSN:1\uFE0F\u20E33\uFE0F\u20E39\uFE0F\u20E3-4\uFE0F\u20E32\uFE0F\u20E3-5\uFE0F\u20E30\uFE0F\u20E38\uFE0F\u20E38\uFE0F\u20E3]] ok",
		"電話 [[PHONE:03ー1234ー5678]]、 主民 [[KR_RRN:981021ー2198870]]",
		"card [[CREDIT_CARD:4111·1111·1111·1111]] or [[CREDIT_CARD:4111•1111•1111•1111]]",
		"データベース2ーバージョン3、データ · 12 · 34",
		"• 4111\n• 1111\n• 1111\n",
	})
}

// TestValuesWhoseCharactersStandOneByOne has a space between any two.
func TestValuesWhoseCharactersStandOneByOne(t *testing.T) {
	check(t, Options{}, []string{
		"correo [[EMAIL:h e n k - v i r t a n e n @ g o v . s g]].",
		"[[EMAIL:b r o w n . y u k i . 1 9 7 9 @ q q . c o m]]",
		"virement sur [[IBAN:G B 4 3 I J P I 7 9 0 9 3 0 0 7 0 8 9 7 5 4]] svp",
		"тел. [[PHONE:+ 3 3 6 0 7 9 9 0 0 6 5]]",
		"تلفن [[PHONE:+ 1 ( 3 0 5 ) 7 2 0 0 4 8 5]]",
		"o CPF dele é [[BR_CPF:6 6 0 . 3 2 8 . 6 0 4 - 1 8]]",
		"DNI [[ES_NIF:3 2 3 1 5 6 6 5 K]]",
		"IP: [[IP_ADDRESS:2 0 8 . 2 3 . 2 0 2 . 3 4]] blocked",
		"x = a @ b + 1 * c @ d",
		"1 0 0 1 | 0 1 1 0 | 1 1 1 0",
		"a b c 1 2 3 d e f 4 5 6",
		"+ - * / = ( ) 1 2 3 . 4 5 : 6 7",
	})
}
