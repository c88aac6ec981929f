package redact

import (
	"fmt"
	"strings"
)

// measures are numbers that count or measure.
func measures() []alike {
	return []alike{
		{"coordinates", func(r *dice) string {
			lat, lon := r.Float64()*180-90, r.Float64()*360-180
			return fmt.Sprintf(r.of("at %.6f, %.6f", "POINT(%.7f %.7f)", "lat=%.4f&lon=%.4f", "geo:%.5f,%.5f", `{"lat":%.15f,"lng":%.14f}`, "[%.10f, %.10f]", "坐标 %.6f，%.6f"), lat, lon)
		}},
		{"amounts", func(r *dice) string {
			return r.of("Total: $"+r.joined(1, 900, "")+",345,678.90", "EUR 1.234.567,89", "1 234 567,89 kr", "₹12,34,56,789.00", "¥123,456,789", "balance 1'234'567.05 CHF", "USD "+r.digits(9), "费用 "+r.digits(7)+" 元", "revenue of 12 345 678 euros", "-"+r.digits(10)+".00")
		}},
		{"decimals", func(r *dice) string {
			return strings.Join([]string{r.float(), r.float(), r.float(), r.float()}, r.of(", ", " ", "\t", ";"))
		}},
		{"scientific", func(r *dice) string {
			return fmt.Sprintf("%s = %s e-%s ± 0.%s (%s%%)", r.name(), "6."+r.digits(8), r.digits(2), r.digits(6), r.joined(1, 99, ""))
		}},
		{"columns of numbers", func(r *dice) string {
			parts := make([]string, r.in(3, 9))
			size := r.in(1, 6)
			for k := range parts {
				parts[k] = r.digits(size)
			}
			return strings.Join(parts, r.of(" ", "  ", "\t", ", ", " | ", ";"))
		}},
		{"CSV of measures", func(r *dice) string {
			return fmt.Sprintf("%s,%s,%d,%s,%s,%d", r.time().Format("2006-01-02"), r.word(), r.in(0, 1e6), r.float(), r.digits(9), r.in(0, 1))
		}},
		{"arrays", func(r *dice) string {
			parts := make([]string, r.in(4, 12))
			for k := range parts {
				parts[k] = r.of(r.digits(r.in(1, 10)), r.float())
			}
			return r.of("", "x = ", "data: ", `"values":`) + "[" + strings.Join(parts, r.of(", ", ",")) + "]"
		}},
		{"sums and ratios", func(r *dice) string {
			return fmt.Sprintf("%s + %s = %s; %s/%s; %s:%s; %s x %s", r.digits(4), r.digits(5), r.digits(6), r.digits(3), r.digits(4), r.digits(2), r.digits(2), r.digits(4), r.digits(4))
		}},
		{"spaced thousands", func(r *dice) string {
			return fmt.Sprintf(r.of("about %s inhabitants", "il y a %s habitants", "rund %s Menschen", "%s km away", "население %s человек"), r.digits(r.in(1, 3))+" "+r.chars(figures0, 3)+" "+r.chars(figures0, 3))
		}},
		{"phone-like sequences", func(r *dice) string {
			return r.of("Fibonacci: 1 1 2 3 5 8 13 21 34 55 89 144 233 377 610 987", "lotto 04 17 23 31 42 49", "steps 100-200-300", "ids "+r.digits(3)+"-"+r.digits(3)+"-"+r.digits(5), "code "+r.digits(3)+" "+r.digits(4), "0.0.0 -> 1.0.0 -> 1.1.0", "range 1000-1999, 2000-2999", "grid 12-34-56 / 78-90-12", "bits 0101 1100 0011 1010", "0000 0001 0010 0011", "dims 1024x768x3, 640x480x1", "page 12 of 345, item 6789", "part "+r.digits(4)+"-"+r.digits(6)+"-"+r.digits(2), "0"+r.digits(3)+"."+r.digits(3)+"."+r.digits(2)+" in table")
		}},
		{"recipe and dose", func(r *dice) string {
			return r.of("Mix 250 g flour, 1.5 l water and 2 x 30 ml oil; bake 45-50 min at 180-200 °C.", "500 mg 3x daily, 1-0-1, for 10 days", "BP 120/80, pulse 72, SpO2 98 %, temp 36.6", "HbA1c 5.7 %, LDL 112 mg/dl, TSH 1.23 mU/l", "f/2.8 1/250 s ISO 400 85 mm", "W 205/55 R16 91V")
		}},
	}
}

// linesOfCode are lines of programs and of their configuration.
func linesOfCode() []alike {
	return []alike{
		{"code", func(r *dice) string {
			return r.of("let y = x::<u64>();", "const MAX_"+strings.ToUpper(r.word())+" = 0x"+strings.ToUpper(r.hex(8))+";", "@Override public void "+r.name()+"() {", "@app.route(\"/users/<int:id>\")", "x = a @ b.T  # matrix product", "for (int i = 0; i < "+r.digits(8)+"; i++) sum += a[i] * 31;", "var seed uint64 = "+r.digits(19), "#define CRC_POLY 0x"+strings.ToUpper(r.hex(8)), "assert hash(x) == "+r.digits(18), "if (token === null || token.length < 10) return next();", "func (s *Server) "+r.name()+"(ctx context.Context) error {", "std::vector<std::pair<int,int>> v{{1,2},{3,4}};", "uint8_t k["+r.digits(2)+"] = {0x"+r.hex(2)+", 0x"+r.hex(2)+", 0x"+r.hex(2)+"};")
		}},
		{"secrets that are not there", func(r *dice) string {
			return r.of("password: ${DB_PASSWORD}", "api_key = os.environ[\"API_KEY\"]", "token: <your-token>", "PASSWORD=changeme", "const password = await prompt('Password:')", "secret_key_base: <%= ENV[\"SECRET_KEY_BASE\"] %>", "password = getpass.getpass()", "token := r.Header.Get(\"Authorization\")", "passwordField.setText(\"\")", "max_tokens=4096, token_count: 12345678", "tokenizer = AutoTokenizer.from_pretrained(\"bert-base-uncased-v2\")", "password_hash = bcrypt.hashpw(password.encode(), salt)", "export GITHUB_TOKEN=$(gh auth token)", "secretName: "+r.name()+"-tls-2024", "apiKey: process.env.OPENAI_API_KEY!", "\"password\": \"********\"", "Password must have 8-64 characters, 1 digit and 1 symbol.", "access_token=REDACTED&expires_in=3600", "key: "+r.name()+"_"+r.digits(3), "cache_key = f\"user:{user_id}:v2\"", "primary_key=True, foreign_key='users.id'", "keyboard_shortcut: Ctrl+Shift+P", "password reset link sent at 12:30:45", "token_type=bearer&scope=read_write_2", "auth: "+r.word()+"-service-v2", "AUTH_URL=https://login.example.com/oauth2/v2.0/token")
		}},
		{"prose about secrets", func(r *dice) string {
			return fmt.Sprintf(r.of("the API key page lists %s", "token counts for %s are lower", "the password policy follows %s", "Our secret is %s, say the buyers", "session key derived with %s", "the token bucket allows %s", "auth via %s works", "the API key header is %s", "key results for %s", "the auth token comes from %s", "token, see %s", "password reset in %s", "Passwort vergessen? %s hilft", "the bearer of %s is entitled", "secret of %s"),
				r.of("gpt-4o-mini-2024-07-18", "PCI-DSS v4.0.1", "iPhone15ProMax", "HKDF-SHA256 (RFC 5869)", "10req/s in us-east-1a", "OAuth2.0/OIDC", "X-Api-Key-V2", "Q3FY2024", "https://id.example.com/v2/Login", "https://example.com/d/aB3xYz9KdQ", "commit "+r.hex(12), "build "+r.joined(3, 40, "."), "MyApp2Go v3", "README.md#L12-L40", "getUserToken2()", "AES-256-GCM/SHA384", "Room12B", "user_42@acme", "CVE-2024-"+r.digits(5), "2FA/TOTP", "ISO27001:2022", "k8s v1.31", "W3C/WebAuthn-L3", "Base64URL", "SHA3-512", "TLS1.3_AES_256", "ticket ABC-"+r.digits(4), "x86_64-unknown-linux-gnu", "UTF-8/UTF-16LE", r.uuid()))
		}},
		{"minified script", func(r *dice) string {
			return "!function(e,t){var n=" + r.digits(9) + ",r=0x" + r.hex(6) + ";e." + r.chars(smalls, 2) + "=function(t){return t&&t.__esModule?t:{default:t}};i=" + r.digits(3) + "-" + r.digits(3) + "-" + r.digits(4) + ";a@b;o[\"" + r.chars(smalls, 3) + "\"]=" + r.float() + "}(" + r.digits(5) + ",[" + r.joined(9, 255, ",") + "]);"
		}},
		{"style sheet", func(r *dice) string {
			return ".a" + r.hex(5) + "{margin:0 " + r.joined(1, 40, "") + "px;color:#" + r.hex(6) + ";transform:translate(" + r.float() + "px," + r.float() + "px)}@media(min-width:768px){.b{width:33.333333%}}@font-face{src:url(x@2x.png)}"
		}},
		{"path of a drawing", func(r *dice) string {
			var b strings.Builder
			b.WriteString(`<path d="M`)
			for range r.in(4, 12) {
				fmt.Fprintf(&b, "%.2f %.2f%s", r.Float64()*100, r.Float64()*-50, r.of("c", "l", "L", "-", " "))
			}
			return b.String() + `z"/>`
		}},
		{"SQL", func(r *dice) string {
			return r.of("INSERT INTO t (id, n, ts) VALUES ("+r.digits(7)+", "+r.digits(10)+", '"+r.stamp()+"');", "SELECT * FROM orders WHERE order_id IN ("+r.digits(9)+", "+r.digits(9)+", "+r.digits(9)+")", "UPDATE s SET n = "+r.float()+" WHERE k = '"+r.hex(32)+"'", "LIMIT 100 OFFSET "+r.digits(6))
		}},
		{"scopes, handles and decorators", func(r *dice) string {
			return r.of("npm i @types/node@20.11.5 @babel/core@7.23.9", "ping @"+r.word()+" and @"+r.word()+"-bot", "git clone git@github.com:acme/"+r.word()+".git", "import x from '@acme/"+r.word()+"'", "@media print", "user@host:~/src$ ls", "uses: actions/checkout@v4", "uses: docker/build-push-action@"+r.hex(40), "foo@1.2.3", "logo@2x.png logo@3x.png", "docker.io/library/redis@sha256:"+r.hex(64), "hello @ 5pm", "@Test(timeout = 10000)", "array@index", "mailto: nobody")
		}},
		{"URLs", func(r *dice) string {
			return r.of("https://example.com/a/"+r.digits(8)+"/b?x="+r.hex(16)+"&t="+r.digits(10), "https://cdn.example.com/assets/app."+r.hex(8)+".js?v="+r.digits(13), "https://www.example.com/dp/B0"+r.chars(capitals+figures0, 8), "https://maps.example.com/@48.8583701,2.2944813,17z", "https://medium.com/@writer/some-title-"+r.hex(12), "s3://bucket/2024/05/17/part-00000-"+r.uuid()+".parquet", "https://youtu.be/"+r.chars(capitals+smalls+figures0+"_-", 11), "http://localhost:3000/api/v2/items?limit=50&cursor="+strings.TrimRight(r.base64(18), "="), "https://example.com/?utm_source=mail&utm_id="+r.digits(9))
		}},
		{"diff", func(r *dice) string {
			return r.of("@@ -"+r.digits(3)+","+r.digits(2)+" +"+r.digits(3)+","+r.digits(2)+" @@ func main() {", "+++ b/"+r.word()+".go\t"+r.stamp(), "-  timeout: 30000", "+  retries: 5 # was 3", "index "+r.hex(10)+".."+r.hex(10)+" 100644", " 12 files changed, 3456 insertions(+), 789 deletions(-)")
		}},
		{"settings", func(r *dice) string {
			return r.of("retry_after: 1800, max-age=31536000", "-Xmx4096m -XX:MaxGCPauseMillis=200", "worker_connections 10240;", "uid=1000(app) gid=1000(app)", "chmod 0644 0755 1777", "cron: '0 3 * * 1-5'", "version: '3.8' # compose", "replicas: 3\ncpu: 250m", "umask 0022", "--port 8443 --timeout=120s --id="+r.hex(12), "SESSION_COOKIE_AGE = 1209600", "LICENSE=Apache-2.0", "locale=zh_CN.UTF-8 TZ=UTC+8")
		}},
		{"JSON of a service", func(r *dice) string {
			return fmt.Sprintf(`{"id":%s,"uid":"%s","ts":%d,"ratio":%s,"codes":[%s],"etag":"W/\"%s\"","name":"%s","tokens":%s,"key":"%s"}`, r.digits(10), r.uuid(), r.time().UnixMilli(), r.float(), r.joined(4, 9999, ","), r.hex(16), r.name(), r.digits(4), r.name())
		}},
		{"placeholders of masks", func(r *dice) string {
			return r.of("<EMAIL_1> wrote to <PHONE_12>", "card ending in "+r.digits(4), "**** **** **** "+r.digits(4), "xxx-xx-"+r.digits(4), "IBAN DE** **** ****", "+1 (xxx) xxx-xxxx", "name@", "{{email}}", "user at host", "phone: n/a", "SSN: none", "tel: -", "dob: unknown", "email: [removed]")
		}},
	}
}

// linesOfText are lines of prose, with words that announce values but without any.
func linesOfText() []alike {
	prose := []string{
		"The phone rang twice before anyone moved; %d people later claimed they had heard nothing.",
		"Please call the office when the %d boxes arrive, and mail the signed form by Friday.",
		"Her passport expired in %d, so she renewed it at the consulate.",
		"In %d the town had 12,345 residents, three schools and a bank with 4 counters.",
		"My password was too short, the site wanted at least %d characters.",
		"We compared %d cards and none had a fee below 2.5 percent.",
		"The doctor, born in Vienna, published 120 papers between 1985 and %d.",
		"Der Zug um 14:35 Uhr hatte %d Minuten Verspätung; die Telefonnummer der Auskunft war besetzt.",
		"Die Steuer beträgt 19 %% auf %d Euro, fällig am 31.12.2024.",
		"Geboren wurde die Idee am 3. Mai auf einer Konferenz mit %d Gästen.",
		"Le numéro %d de la revue traite de la sécurité sociale depuis 1945.",
		"Le téléphone sonne au bureau %d, mais personne ne répond avant 9 h 30.",
		"La tarjeta vence en 2027 y el límite es de %d euros al mes.",
		"Nació en la ciudad una red de %d kilómetros de carriles en 1998 y 1999.",
		"Il codice della pratica è scaduto dopo %d giorni, il 12/03/2024.",
		"O cartão tem limite de R$ %d,00 e vence dia 10 de cada mês.",
		"Het telefoonboek van %d telde 845 pagina's en woog 1,2 kilo.",
		"Telefonen ringde %d gånger den 5 maj 2023.",
		"Numer %d na liście to tylko adres biura, a nie PESEL.",
		"Puhelin soi %d kertaa klo 12.30.",
		"Telefon %d kez çaldı; toplantı 17.05.2024 günü.",
		"Он позвонил %d раз, но телефон был выключен с 10:00 до 18:00.",
		"Паспорт выдан в %d году, срок действия 10 лет.",
		"他的电话响了%d次，直到2024年5月17日才有人接。",
		"我们公司成立于%d年，现有员工12345人，面积2300平方米。",
		"密码长度必须为8到64位，最多尝试%d次。",
		"会議は2024年5月17日の%d時からです。電話は不要です。",
		"비밀번호는 8자 이상이어야 하며 %d회까지 시도할 수 있습니다.",
		"هاتف المكتب مغلق منذ %d أيام بسبب العطلة.",
		"הטלפון צלצל %d פעמים ביום שישי.",
		"फोन %d बार बजा, पर किसी ने नहीं उठाया।",
		"โทรศัพท์ดัง %d ครั้งก่อนเที่ยง",
		"Điện thoại reo %d lần trong ngày 17/05/2024.",
		"Telepon kantor berdering %d kali sejak pukul 08.00.",
		"Τηλέφωνο χτύπησε %d φορές το 2023.",
	}
	return []alike{
		{"prose", func(r *dice) string {
			return fmt.Sprintf(prose[r.IntN(len(prose))], r.size(3, 7, 12, 42, 128, 1987, 2014, 2023))
		}},
		{"two sentences", func(r *dice) string {
			return fmt.Sprintf(prose[r.IntN(len(prose))], r.in(2, 900)) + " " + fmt.Sprintf(prose[r.IntN(len(prose))], r.in(2, 2030))
		}},
		{"label and number that is none", func(r *dice) string {
			return fmt.Sprintf(r.of("SSN field is %s characters wide", "phone model %s sold out", "call stack depth %s", "contact form v%s", "card game with %s cards", "tax of %s dollars", "national park, %s hectares", "birth rate %s per thousand", "born again at level %s", "id column, width %s", "office chair %s", "email queue length %s", "passport photos cost %s", "IP rating of %s", "medicare budget %s million", "routing table has %s entries", "transit time %s hours", "sin(%s)", "pan(%s) left", "nas storage %s GB"),
				r.of(r.digits(2), r.digits(3), r.digits(4), r.joined(2, 99, "."), r.digits(5)))
		}},
		{"label of a value, then a thing's number", func(r *dice) string {
			value := r.of("My phone broke", "Call us", "Please text back", "After the call", "The card was declined", "The SSN is not needed", "Our office moved", "Her mobile is off", "Contact support", "The tax return is late", "The patient was born here", "By fax", "The password expired", "Mail it to the bank", "Your passport is ready", "We rang the hotline", "The BSN is optional", "The API key was rotated")
			thing := r.of("order", "ticket", "invoice", "tracking number", "case number", "build", "version", "order #", "serial number", "SKU", "transaction", "confirmation number", "reference", "batch", "commit", "request id", "timestamp", "job id", "part no.", "product code")
			return value + r.of(", ", "; ", ". ", " - ", " and quote ", " about ") + thing + " " + r.of(r.digits(r.in(6, 14)), r.digits(3)+"-"+r.digits(3)+"-"+r.digits(4), r.digits(4)+" "+r.digits(4), r.digits(3)+" "+r.digits(3)+" "+r.digits(3), "0"+r.digits(9))
		}},
		{"label and thing's number in other languages", func(r *dice) string {
			return fmt.Sprintf(r.of("请致电客服并提供订单号 %s", "电话已收到，快递单号：%s", "联系我们，发票号码%s", "Rufen Sie uns an, Bestellnummer %s", "Telefonisch bestellt, Auftragsnummer: %s", "Appelez-nous, commande n° %s", "Llame con su número de pedido %s", "Chiamare per l'ordine %s", "Ligue e informe o pedido %s", "Bel ons over bestelling %s", "Позвоните нам, заказ %s", "お電話の際は注文番号 %s", "전화 주시면 주문번호 %s 확인", "Zadzwoń, numer zamówienia %s", "Telefon ile sipariş no %s", "Ring oss om order %s", "Soita, tilausnumero %s", "اتصل بنا بخصوص الطلب %s", "โทรแจ้งคำสั่งซื้อ %s", "Hubungi kami, nomor pesanan %s", "Gọi lại về đơn hàng %s", "फोन करें, ऑर्डर %s"),
				r.of(r.digits(r.in(7, 13)), r.digits(3)+"-"+r.digits(7), r.digits(4)+"-"+r.digits(4)+"-"+r.digits(4), "0"+r.digits(9)))
		}},
		{"fields of a service that name numbers", func(r *dice) string {
			key := r.of("order_id", "invoiceNumber", "item_count", "build_number", "commit", "request-id", "trace_id", "session_id", "offset", "total_bytes", "duration_ns", "checksum", "revision", "sequence", "partition", "row", "etag", "content-length", "x-request-id", "nonce", "seed", "tile", "zoom", "width", "price_cents", "created_at", "batch_no", "lot", "parcel_id", "hash")
			value := r.of(r.digits(r.in(5, 18)), r.digits(2)+"-"+r.digits(4)+"-"+r.digits(4), r.hex(16), r.digits(4)+"-"+r.digits(4)+"-"+r.digits(4)+"-"+r.digits(4))
			return fmt.Sprintf(r.of(`{"%s":"%s"}`, "%s=%s", "%s: %s", "level=info %s=%s msg=done", "<%[1]s>%[2]s</%[1]s>", "--%s=%s", "?%s=%s&page=2", "| %s | %s |", "%s,%s", `"%s" => "%s",`), key, value)
		}},
		{"markdown", func(r *dice) string {
			return r.of("| "+r.word()+" | "+r.digits(6)+" | "+r.float()+" | "+r.time().Format("2006-01-02")+" |", "- [x] "+r.word()+" ("+r.digits(4)+")", "## "+r.joined(3, 9, ".")+" "+r.word(), "see [#"+r.digits(4)+"](https://example.com/issues/"+r.digits(4)+")", "![img](a_"+r.digits(10)+"_n.jpg)", "> **Note** "+r.word()+" since v"+r.joined(3, 12, "."), "`"+r.name()+"("+r.digits(3)+")` returns `"+r.hex(8)+"`")
		}},
		{"file names", func(r *dice) string {
			return r.of("IMG_"+r.time().Format("20060102_150405")+".jpg", "report-"+r.time().Format("2006-01-02")+"-final(2).pdf", "backup_"+r.digits(10)+".tar.gz", "/var/log/app/"+r.word()+"."+r.digits(5)+".log", "DSC0"+r.digits(4)+".NEF", "Screenshot "+r.time().Format("2006-01-02 at 15.04.05")+".png", "scan_"+r.digits(4)+"-"+r.digits(4)+".tiff", "0001-"+r.word()+"-"+r.word()+".patch", "data_"+r.digits(3)+"_"+r.digits(3)+"_"+r.digits(4)+".csv")
		}},
		{"chess, music and genes", func(r *dice) string {
			return r.of("1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7", "rs"+r.digits(8)+" chr"+r.digits(1)+":"+r.digits(8)+"-"+r.digits(8), "ATGCGTACGTTAGC"+r.chars("ACGT", 40), "BWV 1046-1051, K. 331, Op. 27 No. 2", "ENSG00000"+r.digits(6)+".12", "CAS 7732-18-5, EC 231-791-2, UN 1993", "HD "+r.digits(6)+" b, RA 22h 57m 39s", "NGC 4565, z = 0.00"+r.digits(3))
		}},
		{"law and norms", func(r *dice) string {
			return r.of("17 U.S.C. § 512(c)(3), 47 CFR 15.247(b)", "Directive 2006/112/EC, OJ L 347, 11.12.2006, p. 1-118", "BGBl. I S. 1234, zuletzt geändert am 12.5.2023", "Az. 3 K 1234/19, Urteil vom 3.4.2020", "Case C-131/12, EU:C:2014:317", "ECLI:DE:BGH:2020:280520UVIZR"+r.digits(3)+".19.0", "GDPR Art. 6(1)(f), recital 47", "NIST SP 800-53 rev. 5, FIPS 140-3")
		}},
	}
}
