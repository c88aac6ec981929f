package redact

import (
	"strings"
	"testing"
)

// The values are made up in the issuers' forms; prefixes are split so that no scanner of sources takes them for leaks.
func TestSecretsWithAPrefix(t *testing.T) {
	const hex32 = "0123456789abcdef" + "fedcba9876543210"
	const alnum36 = "5zomHkvsW0eANqWpujs1KLAOCl7jNL1H09k4"
	check(t, Options{}, []string{
		"aws key [[AWS_ACCESS_KEY:AS" + "IA4NEK4FDQBHC5L2YT]], [[AWS_ACCESS_KEY:AK" + "IAQYLPMN5HHHFPKJAA]]; AKIAIOSFODNN7EXAMPLE",
		"aws_secret_access_key = [[AWS_SECRET_KEY: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]]",
		`"secretAccessKey": "[[AWS_SECRET_KEY:wJalrXUtnFEMI/K7MDENG+bPxRfiCYzEXQ9RTW1k]]"`,
		"AWS secret access key wJalr: [[AWS_SECRET_KEY:wJalrXUtnFEMI/K7MDENG+bPxRfiCYzEXQ9RTW1k]]",
		"token=[[GITHUB_TOKEN:gh" + "s_" + alnum36 + "]] and [[GITHUB_TOKEN:gh" + "p_" + alnum36 + "]]",
		"[[GITHUB_TOKEN:github" + "_pat_11ABCDEFG0abcdefghijkl_" + alnum36 + "abcdefghijklmnopqrstuvw]]",
		"ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx ghp_short",
		"[[GITLAB_TOKEN:gl" + "pat-x9Yz8wVu7tSr6qPo5nMl]]",
		"[[SLACK_TOKEN:xo" + "xb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx]]",
		"post to [[SLACK_WEBHOOK:https://hooks.slack.com/services/T0" + "ABCDEF1/B0ABCDEF2/a1B2c3D4e5F6g7H8i9J0k1L2]] now",
		"stripe [[STRIPE_KEY:sk" + "_live_GiySc6qkCCvQmbbqLBlfo2FO]]; [[STRIPE_KEY:rk" + "_test_GiySc6qkCCvQmbbqLBlfo2FO]]",
		"[[OPENAI_KEY:sk" + "-proj-abcDEF123456ghiJKL789012mnoPQR345678stuVWX]] [[OPENAI_KEY:sk" + "-" + alnum36 + "abcdefghijkl]]",
		"key: [[ANTHROPIC_KEY:sk" + "-ant-api03-b8ZB_-r9NXTKYtSnlAPF7hatOCe7ceiR1bw24k_XzogulMqlljM2dceDCz8KW64nnzb3kBV-iPmOvdlEi1As5rG7zN-u8AA]]",
		"[[GOOGLE_API_KEY:AI" + "zaSyA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1v]]",
		"bearer [[JWT:eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c]].",
		"[[NPM_TOKEN:np" + "m_" + alnum36 + "]] [[PYPI_TOKEN:py" + "pi-AgEIcHlwaS5vcmcCJDAxMjM0NTY3LTg5YWItY2RlZi0wMTIzLTQ1Njc4OWFiY2RlZgACKlszLCJ]]",
		"[[HUGGINGFACE_TOKEN:h" + "f_AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh]]",
		"[[SENDGRID_KEY:S" + "G.aBcDeFgHiJkLmNoPqRsTuV.wXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ012]]",
		"bot [[TELEGRAM_TOKEN:123456789:AAF1234567890abcdefghijklmnopqrstuv]]",
		"[[TWILIO_KEY:S" + "K" + hex32 + "]] [[DATABRICKS_TOKEN:da" + "pi" + hex32 + "]] [[SHOPIFY_TOKEN:sh" + "pat_" + hex32 + "]]",
		"[[DIGITALOCEAN_TOKEN:do" + "p_v1_" + hex32 + hex32 + "]]",
		"DefaultEndpointsProtocol=https;AccountName=x;AccountKey=[[AZURE_STORAGE_KEY:Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq" + "/K1SZFPTOtr/KBHBeksoGMGw==]];EndpointSuffix=core.windows.net",
		"sk-button-primary-large sk-learn task-runner-12 disk-usage-report-2024-final",
		"eyJ and eyJabc.def",
	})
}

func TestPrivateKeys(t *testing.T) {
	const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
	check(t, Options{}, []string{
		"a [[PRIVATE_KEY:-----BEGIN PRIVATE KEY-----\n" + body + "\n" + body + "\n-----END PRIVATE KEY-----]] b",
		"[[PRIVATE_KEY:-----BEGIN RSA PRIVATE KEY-----\\n" + body + "\\n-----END RSA PRIVATE KEY-----]]\\n",
		"[[PRIVATE_KEY:-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + "\n" + body + "]]\n\n...cut",
		"[[PRIVATE_KEY:-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + body + "\n-----END PGP PRIVATE KEY BLOCK-----]]",
		"-----BEGIN CERTIFICATE-----\n" + "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ" + "\n-----END CERTIFICATE-----",
		"-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
	})
}

func TestConnectionStrings(t *testing.T) {
	check(t, Options{}, []string{
		"url https://deploy:[[CONNECTION_STRING:1p9JBsy5NmD5aN]]@db.internal/repo.git",
		"postgres://app:[[CONNECTION_STRING:s3cr3tP4ss]]@10.0.0.5:5432/app?sslmode=disable",
		"redis://:[[CONNECTION_STRING:Zx81kq02]]@cache:6379/0",
		"mongodb+srv://u:[[CONNECTION_STRING:p%40ssW0rd!]]@cluster0.example.net/db",
		"Server=db;Database=x;User Id=sa;Password=[[CONNECTION_STRING:Pa55w0rd!x]];Encrypt=true",
		"amqp://guest:[[CONNECTION_STRING:gu3stpw]]@rabbit:5672",
		"postgres://user:password@localhost/db postgres://u:${DB_PASS}@h/d mysql://u:<password>@h/d redis://:$PASS@h",
		"postgres://user:*@localhost/db http://a:%@b http://a:$@b http://a:&@b http://a:!@b http://a:@@b",
		"http://example.com:8080/path@2x http://a/b:c@d",
		"ssh://git@github.com:22/x.git",
	})
}

func TestSecretsByTheirKey(t *testing.T) {
	check(t, Options{}, []string{
		"passwd=[[GENERIC_SECRET:Qg4%zG%y#hPN*Ip]]",
		`password: "[[GENERIC_SECRET:hunter2!x]]"`,
		"DB_PASSWORD=[[GENERIC_SECRET:x8Kd02mQz]]",
		`{"api_key":"[[GENERIC_SECRET:3f9a1c77b2e84d50a6c1]]"}`,
		"apiKey = '[[GENERIC_SECRET:Zk39dk20Qm5xLw81]]',",
		"client_secret: [[GENERIC_SECRET:8sKq.Q~aZ82kd9Lmw02kdQ]]",
		"Authorization: Bearer [[GENERIC_SECRET:q83vEjRWeJCrze8SNFZ4kA]]",
		"X-Api-Key: [[GENERIC_SECRET:q83vEjRWeJCrze8SNFZ4kA]]",
		"密码：[[GENERIC_SECRET:Xy7&kd02]]",
		"密码是 [[GENERIC_SECRET:Xy7kd02Lq]]",
		"mot de passe : [[GENERIC_SECRET:Tr0ub4dor]]",
		"Passwort: [[GENERIC_SECRET:geh31mnis!]]",
		"contraseña: [[GENERIC_SECRET:Cl4v3Segura]]",
		"пароль: [[GENERIC_SECRET:Qwe123rty!]]",
		"パスワード：[[GENERIC_SECRET:Ab12cd34]]",
		"비밀번호: [[GENERIC_SECRET:Ab12cd34!]]",
		"my password is [[GENERIC_SECRET:Tr0ub4dor&3]].",
		`password: str = "[[GENERIC_SECRET:Zk8mQ2wLr9T]]"`,
		`const apiKey: string = '[[GENERIC_SECRET:549c5094e3737e80b8566a7ec4dbcd45]]'`,
		`public string Password { get; set; } = "[[GENERIC_SECRET:lisbon4749!]]";`,
		`setDbPassword("[[GENERIC_SECRET:1060ddba81c998297c4c88358cc3ff12]]"), t("auth.password.reset2")`,
		`body: "{\\\"secret\\\":\\\"[[GENERIC_SECRET:16e6164c64aa557a539a143648a2c3a2]]\\\"}"`,
		"CREATE USER 'app'@'%' IDENTIFIED BY '[[GENERIC_SECRET:RoUbAIguTZf-ch4B]]';",
		"salasanani on [[GENERIC_SECRET:Pepp@ER660]], het wachtwoord van de db is [[GENERIC_SECRET:Lisbon&Phoenix32]]",
		"passwd=N'[[GENERIC_SECRET:SwwiUuTFrVV-tTpuKMj6]]'",
		"- name: SECRET_KEY\n  value: \"[[GENERIC_SECRET:549c5094e3737e80b8566a7ec4dbcd45]]\"",
		`{"name":"DB_PASSWORD","value":"[[GENERIC_SECRET:Zk8mQ2wLr9T]]"}`,
		"pwd=[[GENERIC_SECRET:Ab3(d9)Kq7z]]\nDB_PASSWORD=[[GENERIC_SECRET:j$9KKNGC[0gbyJ,p]]",
		"f(password=[[GENERIC_SECRET:Ab3d9Kq7z]], user=x)",
		"MAIL_PASSWORD=[[GENERIC_SECRET:Copper_Orchid-79]]\npassword: my-secret-name-1",
		"bindpw: [[GENERIC_SECRET:SszAMy7MZ9-JYj65Ha2]], password=[[GENERIC_SECRET:@Zk8mQ2wLr9T]]",
		"password_changed_at: 2025-11-03T12:45:00Z, token_expires_at: 2025-11-03T12:45",
		"PASS: gdb.dwarf2/macro-source-path.exp; the token is RS256-signed",
		`NewStaticCredentials("[[AWS_ACCESS_KEY:AKIATGKOVWH5HLFC5ZVL]]", "[[AWS_SECRET_KEY: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]]", "")`,
		"postgresql://deploy:[[CONNECTION_STRING:0Vyhl%2F7HiK21]]@db.internal:5432/orders",
		"see ![x](data:image/png;base64," + strings.Repeat("AKIATGKOVWH5HLFC5ZVL1234", 4) + ")",
		"das Passwort ist [[GENERIC_SECRET:Sommer#2023]] bitte",
		"the password is [[GENERIC_SECRET:2023!Berlin]] now",
		"the password policy ISO-27001 applies; the password is base-64",
		"<password>[[GENERIC_SECRET:s3cr3tP4ss]]</password>",
		"export SECRET_KEY=[[GENERIC_SECRET:f7a9d2c41b8e]]",
		"--token [[GENERIC_SECRET:a8f3k2m9x7q1z5w8]] --verbose",
		"?access_token=[[GENERIC_SECRET:a8f3k2m9x7q1z5w8]]&page=2",
		"jwt_secret => '[[GENERIC_SECRET:a8f3k2m9x7q1z5w8]]'",
		`access_token = "[[GENERIC_SECRET:fzUvPGpto978]]"`,
		"pwd: [[GENERIC_SECRET:*ui*q$pEJxng7muA6Nw]]",
		"a:b:c=d:password=[[GENERIC_SECRET:x8Kd02mQz]]",
	})
}

// TestSecretsInCodeAndCommands has the ways in which programs, logs and tables give a secret its name.
func TestSecretsInCodeAndCommands(t *testing.T) {
	check(t, Options{}, []string{
		`static SMTP_PASSWORD: &str = "[[GENERIC_SECRET:Wj7+CLqdTZJyje]]"; const T: &'static str = "x"`,
		`if (auth_token == "[[GENERIC_SECRET:f5yHPHEYj7%B*qO+i]]") {`,
		`cfg.Set("clientSecret", "[[GENERIC_SECRET:j!kN7hEG%b2x]]"); os.getenv("SIGNING_KEY", "[[GENERIC_SECRET:vl9TC!%j7nQx]]")`,
		"secretKey: !!str [[GENERIC_SECRET:99T2H4eVCSHHMPIFYJZRWOzVqC4Uc8a88nEaWqDY]]",
		`setx PGPASSWORD "[[GENERIC_SECRET:MrZ9%om8BX1Xom]]"`,
		"curl -u svc:[[GENERIC_SECRET:qtvI7Egbr.27_WXohv]] https://api.example.com/v1",
		`curl --user "svc:[[GENERIC_SECRET:adea44bb6b98c86653eeef6533a80fed]]" https://api.example.com`,
		"| service | user | password |\n|---|---|---|\n| mail | svc | [[GENERIC_SECRET:6RgJgrM2l-3YnZyKrUE]] |",
		"service,username,password\nmail,svc,[[GENERIC_SECRET:6RgJgrM2l-3YnZyKrUE]]\ndb,app,[[GENERIC_SECRET:Y-yFJMvUb1val8AduQh]]\n",
		"service,password,username\nmail,,6RgJgrM2l-3YnZyKrUE\n",
		"The password for the admin account is [[GENERIC_SECRET:BUZJ0tCoK!VdT5rY]], please change it.",
		"my password is [[GENERIC_SECRET:Summer2024!]]",
		"API_TOKEN=[[GENERIC_SECRET:rGqXzTbWnKdLpVsM]], api_key: [[GENERIC_SECRET:vRT$fGYHiq&aYznR]]; token: XMLHttpRequest",
		`"client_secret": "ENC[AES256]"`,
		"password: !GetAtt Secret.Arn",
		`"secret:[a-zA-Z0-9/_+=.@-]+$"`,
	})
	boxed := "trace X-API-Key=[USh8!6o93GSU] done" // no brackets fit around these marks
	if found := finder(t, Options{}).Find(nil, []byte(boxed)); len(found) != 1 || boxed[found[0].Start:found[0].End] != "USh8!6o93GSU" {
		t.Errorf("%q: found %v", boxed, found)
	}
}

func TestWhatLooksLikeASecretButIsNone(t *testing.T) {
	check(t, Options{}, []string{
		"password=${DB_PASSWORD} token: $TOKEN secret: <your-secret> api_key={{ api_key }}",
		"password = os.environ['DB_PASSWORD1']",
		`apiKey: process.env.OPENAI_API_KEY2,`,
		"token = getToken(user1)",
		"secret = config.secrets.db1",
		"password: string; token: number",
		`"password": "********"`,
		"max_tokens=4096, token_count: 15000, tokens: 1234567",
		"The token: a small piece. The secret: patience and 3 eggs.",
		"password: changeme123 api_key: your-api-key-here1",
		"key=value, monkey=banana1234, primary_key: user_id_1234",
		"passwordField1 = document.getElementById('pw1')",
		"token_type: bearer, expires_in: 3600",
		"secretName: db-credentials-2",
		"sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"password_hash: unused",
		"auth: none, api_key_file: /etc/souk/key1",
		"author: jane99smith compass=north12345",
		"--- PASS: TestAReloadTakesEffectAndEndsNoStream (2.72s)",
		"pw_name:pw_passwd:pw_uid:pw_gid:pw_gecos:pw_dir:pw_shell",
		"?authMechanism=MONGODB-X509&authSource=$external",
		"PublicKeyToken=b77a5c561934e089",
	})
}

func TestDictionaryAndAllow(t *testing.T) {
	check(t, Options{Dictionary: []string{"Project Falcon", "Müller", "猎鹰计划"}, Allow: []string{"info@example.com"}}, []string{
		"about [[DICTIONARY:project falcon]] and [[DICTIONARY:PROJECT FALCON]], not project falcons",
		"Frau [[DICTIONARY:Müller]] kommt, Müllerin nicht",
		"代号[[DICTIONARY:猎鹰计划]]启动",
		"info@example.com stays, [[EMAIL:jane@example.com]] does not",
	})
	if _, err := NewFinder(Options{Dictionary: []string{""}}); err == nil {
		t.Error("an empty term is accepted")
	}
	if _, err := NewFinder(Options{Types: []Type{200}}); err == nil {
		t.Error("a type outside the catalogue is accepted")
	}
}

func TestALabelFromElsewhereCounts(t *testing.T) {
	f := finder(t, Options{})
	for _, c := range []struct {
		label, text string
		want        []Finding
	}{
		{"ssn", "276667011", []Finding{{0, 9, USSSN}}},
		{"", "276667011", nil},
		{"password", "x8Kd02mQz", []Finding{{0, 9, GenericSecret}}},
		{"dateOfBirth", "1985-03-14", []Finding{{0, 10, DateOfBirth}}},
		{"phone", "４０４２６８８３５０", []Finding{{0, 30, Phone}}},
		{"jane@example.com", "nothing", nil},
	} {
		if got := f.FindLabelled(nil, c.label, []byte(c.text)); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%q under %q: %v, want %v", c.text, c.label, got, c.want)
		}
	}
}
