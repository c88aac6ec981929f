package redact

// labelLine gives the words of one meaning. A '*' lets the word go on, as compounds and endings do; accents and case
// do not count; a space stands for any of space, '_', '-', '.', or for nothing in identifiers.
type labelLine struct {
	what  label
	words string
}

// labelWords are the context words: English and Chinese first, then the languages whose identifiers the catalogue
// has, and their neighbours.
func labelWords() []labelLine {
	lines := contactLabels()
	lines = append(lines, personLabels()...)
	lines = append(lines, secretLabels()...)
	lines = append(lines, europeLabels()...)
	lines = append(lines, worldLabels()...)
	return append(lines, nobodyLabels()...)
}

func contactLabels() []labelLine {
	return []labelLine{
		{lPhone, "mob|phone*|telephone*|tel|tel no|telno|telnr|mobile*|cell|cellphone*|cellular|fax*|whatsapp|wechat|viber|sms|hotline|helpline|landline|handset|msisdn|phone no|caller id|dial*|voicemail|wa me|api whatsapp|whats app|toll free|switchboard|☎|✆|℡|caller number|to number|from number"},
		{lPhone, "电话*|电话号码|手机*|手机号|手机号码|联系电话|联系方式|座机|固话|热线|传真|微信|致电|拨打|来电|電話*|手機*|行動電話|聯絡電話|傳真|撥打"},
		{lPhone, "telefon*|handy*|mobil*|rufnummer*|durchwahl|festnetz*|mobilfunk*|fernsprecher|anrufen|rufen sie*|rufe|ruf mich*|ruft|servicetelefon*|diensttelefon*|privattelefon*|telefonisch*|diensthandy*|servicenummer*|kundenhotline|festnetznummer*|handynr*|telefonnr*|telefax*|tel nr"},
		{lPhone, "portable*|tel fixe|fixe|numero de tel*|numero de portable|joignable*|appelez*|appeler|rappeler|rappelez*|ligne directe|numero vert|standard telephonique|contactez*"},
		{lPhone, "telefono*|movil*|celular*|llame*|llamar*|llamame|fijo|cellulare*|recapit*|chiamare*|chiamami|chiama|telf|tfno|tlfno|cel|fijo|linea gratuita|numero verde|contattar*|contattaci|marcar|marque|al numero|mi numero es|il mio numero e|numero di tel*"},
		{lPhone, "telefone*|telemovel*|ligar|ligue|zap|fone|telefoon*|mobiel*|gsm*|bel me|bellen|telefoonnummer*|tlm|tlmv|contato*|contacto*|me liga*|liga para|meu numero e|bereikbaar|mijn nummer is|whatsappnummer"},
		{lPhone, "tlf|tlf nr|puhelin*|puh|matkapuhelin*|puhelinnumero*|soita|gsm|ring meg|ring mig|mobilnummer*|mobilnr|telefonnr|nas pa|nar mig pa|fastnet*|hovednummer*|sentralbord*|telefaks*|mit nummer er|mitt nummer er|mitt nummer ar|mitt nr er|vaihde|numeroni|ring til|vaxel"},
		{lPhone, "komorka|komorkowy|numer telefonu|telefonu|zadzwon*|dzwonic|kom|mobilni*|cislo telefonu|volejte|zavolej*|telefonszam*|mobilszam*|hivjon*|numar de telefon|sunati|cep tel*|cep no|cep|gsm no|telefon no|arayin|beni|numarasindan|numaram*|faks*|iletisim*|musteri hizmetleri|telefonum|infolinia|infolink*|moj numer to|moje cislo je|kontaktni|szamom|hivj*|numarul meu|suna ma|mobilom|mobilem"},
		{lPhone, "телефон*|тел|моб|мобильн*|мобільн*|сотов*|звоните|позвон*|факс|номер телефона|дзвон*|звони*|набери*|набира*|сот|горячая линия|мой номер|мій номер|гаряча лінія|вайбер|ватсап|вотсап|τηλεφων*|κινητο*|τηλ|κιν|καλεστε|φαξ|καλεσε|σταθερο*|επικοινωνια*|παρε με|ο αριθμος μου"},
		{lPhone, "هاتف*|الهاتف|جوال*|الجوال|موبايل*|رقم الهاتف|رقم الجوال|تلفون|اتصل*|فاكس|תלפון|טלפון*|נייד|פלאפון|הטלפון|פקס|טל|טל׳|הנייד|וואטסאפ|ווטסאפ|תתקשר*|התקשר*|ליצירת קשר|המספר שלי"},
		{lPhone, "फोन|फ़ोन|मोबाइल|मो|मोबाईल|मेरा नंबर|संपर्क*|सम्पर्क|व्हाट्सएप|व्हाट्सऐप|हेल्पलाइन|मोबाइल नंबर|दूरभाष|कॉल|โทร*|โทรศัพท์|เบอร์*|มือถือ|แฟกซ์|dien thoai*|goi cho*|goi so|goi den|so dt|sdt|di dong|lien he|telepon*|ponsel|nomor hp|no hp|hubungi|nomor telepon|no telp|telp|nomor wa|no wa|nomor saya|so cua toi|so cua em|hotline|tong dai|so may"},
		{lPhone, "電話番号|携帯*|携帯電話|お電話|連絡先|ファックス|전화*|전화번호|휴대폰*|휴대전화*|핸드폰|연락처|팩스|연락|대표번호|고객센터|문의*|내 번호"},
		{lCall, "call|calls|called|calling|contact*|reach|reach me|text|text me|text us|ring|sim|best number|new number|direct number|whose number|old number|wrong number|right number|this number|that number|my number|his number|her number|your number|their number|our number|office|home|work|desk|kontakt*|т|hp|answer at|answers at|answering at|picks up at|llama|messages to|message to|registered|联系|聯絡|联络|連絡"},
		{lMail, "email*|e mail*|mail|mailto|邮箱|电子邮件|邮件|電郵|信箱|correo*|courriel|adresse e mail|posta elettronica|メール*|이메일|почта|эл почта|البريد|อีเมล"},
		{lCard, "card*|kartyaszam*|kaart*|kortnummer*|kortnr*|korttini*|karten*|kartim*|numer karty|البطاقة|بطاقتي*|so the|καρτα*|καρτας|cb|credit card*|debit card*|cc|visa|mastercard|amex|卡号|银行卡|信用卡|借记卡|tarjeta*|carte*|kreditkarte*|karte|carta|cartao|kort|kortti|karta|kart|карта|карты|カード*|카드*|بطاقة|kartu|บัตรเครดิต*|บัตรเดบิต*|the tin dung"},
	}
}

func personLabels() []labelLine {
	return []labelLine{
		{lBirth, "date of birth|dob|d o b|birth date*|birthdate*|birthday*|b day|birth day|born|born on|birth|bday|date born|birth dt|bdate|dateofbirth"},
		{lBirth, "出生|出生日期|生日|出生年月|出生年月日|生于|出生于|誕生日|生年月日|出生地日期|生まれ|誕生|생년월일|생일|출생*|태어난|태어나|태어났"},
		{lBirth, "geburtsdatum*|geburtstag*|geboren*|geburtig*|geb|geb am|geb dat|ne le|nee le|ne(e)|ne(e) le|ne a|nee a|ne en|nee en|nee|date de naissance|naissance|naiss|date de naiss|ddn|date naiss*|anniversaire|fecha de nacimiento|f nacimiento|fec nac*|nacimiento|nacid*|nacio|naci|f nac|fecha nac*|cumpleanos"},
		{lBirth, "data di nascita|nascita|d d n|nato|nata|nato il|nata il|compleanno|data de nascimento|nascimento|nascid*|nasceu|nasci|d n|aniversario|dt nasc|nasc|geboortedatum*|geboorte*|verjaardag|geboren op"},
		{lBirth, "fodelsedatum*|fodd*|fodelsedag*|fodselsdato*|fodselsdag*|fodt|syntymaaika*|syntymapaiva*|syntyn*|syntyi|bursdag*|synt|data urodzenia|urodzon*|urodziny|ur|data ur|urodzil*|datum narozeni|narozen*|datum narodenia|nar|narodil*|dat nar|datum nar"},
		{lBirth, "szuletesi*|szuletes*|szuletett|szul|szuletesnap*|ziua de nastere|data nast*|data nasterii|nascut*|data nasterii|dogum tarihi|dogum*|dogdu*|dogumlu|d tarihi|tanggal lahir|tgl lahir|lahir|ttl|ulang tahun*|kelahiran*|ngay sinh|sinh ngay|sinh|nam sinh"},
		{lBirth, "дата рождения|рождения|родил*|др|рожд*|род|р н|нар|д н|народжен*|день рождения|д р|г р|дата народження|народив*|народила*|народження|ημερομηνια γεννησης|γεννησ*|γεννηθηκ*|γεννημεν*|γενεθλια*|γεν|تاريخ الميلاد|الميلاد|ميلاد|تاريخ ميلادي|عيد ميلادي|عيد ميلاد|الولادة|ولادة|المولود*|مولود*|مواليد|ولد|ولدت|תאריך לידה|לידה|נולד*|ת ל|הלידה|יליד*|יום ההולדת|יום הולדת"},
		{lBirth, "जन्म*|जन्म तिथि|जन्मतिथि|जन्मदिन|वันเกิด|วันเกิด|เกิด*|วันเดือนปีเกิด"},
		{lNational, "national id*|nric*|national identity*|national identification*|identity number|identity no|identity card*|id number|id no|id card*|id num|personal id*|personal number|personal identification*|identification number|identification no|citizen id*|government id|resident id*|id nr|nid|national number|id doc*|identity document*"},
		{lNational, "身份证*|身分证*|證件號碼|证件号*|证件号码|身份号码|公民身份号码|personalausweis*|ausweisnummer*|identiteit*|carte d identite|numero d identite|documento de identidad|documento d identita|numero de identidad|documento|cedula|identificacion|identificacao"},
		{lNational, "henkilokortti|dowod osobisty|kimlik*|nufus*|удостоверение|личный номер|ταυτοτητ*|הויה|تعودת|هوية|الهوية|رقم الهوية|תעודת זהות|מספר זהות|पहचान*|บัตรประชาชน*|เลขประจำตัว*|ประจำตัวประชาชน|so cmnd|cmnd|cccd|nik|ktp|個人番号*|身分證*|주민번호|신분증"},
		{lTax, "tax id*|tin|tax number|tax no|tax identification*|taxpayer*|tax ref*|tax payer*|税号|纳税人*|纳税人识别号|统一编号|steuernummer|numero fiscal*|identifiant fiscal|numero de impuesto*|partita iva|nif|nip|vergi*|инн|налог*|npwp|ma so thue"},
	}
}

func secretLabels() []labelLine {
	return []labelLine{
		{lPassword, "password*|pgpassword|passwd|pwd|passphrase|passcode|pass phrase|pass word|pw|psw|login password|db pass|db password|root password|admin password|credentials|secret|client secret|shared secret|app secret|consumer secret|signing secret|webhook secret|secret key base|requirepass|preshared key|psk|identified by"},
		{lPassword, "密码|口令|密碼|登录密码|密钥|パスワード|暗証番号|비밀번호|암호|passwort*|kennwort|mot de passe|mdp|contrasena*|clave|clave secreta|parola*|parola d ordine|senha|palavra passe|wachtwoord|losenord*|passord|adgangskode|salasana*|haslo*|heslo*|jelszo|sifre*|kata sandi|sandi|mat khau|пароль*|пароля|κωδικος|συνθηματικο|كلمة المرور|كلمة السر|סיסמה|סיסמא|पासवर्ड|รหัสผ่าน|парола*|رمز عبور|گذرواژه|kata laluan|비번|패스워드|合言葉|シークレットキー|geheimnis|zugangsdaten|ww|losen|kodeord*|passordet*|jelszav*|הסיסמה|הסיסמא|الرقم السري|كلمة مرور*|κωδικος προσβασης|chiave segreta|chave secreta|geheime sleutel"},
		{lKey, "api key|apikey|api token|api secret|access token|auth token|authentication token|authorization|auth|token|bearer|secret key|access key|private key|encryption key|signing key|master key|service key|session key|session token|refresh token|id token|jwt secret|x api key|x auth token|license key|account key|shared access key|credential|api 密钥|密钥|令牌|访问令牌|clave api|cle api|cle d api|cle secrete|schlussel|wlan schlussel|api schlussel|api schlussel|chave api|chave de api|chiave api|ключ api|ключ|токен|トークン|apiキー|토큰|secret token|api키|api 키|비밀 키|jeton|klucz api|tajny klucz|api anahtari|gizli anahtar|encryption password|hmac key|hmac secret|cookie secret|session secret|bot token|deploy key|security token|oauth token|personal access token"},
		{lAWS, "aws secret*|aws secret access key|secret access key|secretaccesskey|aws secret key|aws*|amazon|s3 secret|s3a secret*|s3"},
		{lAzure, "azure*|account key|accountkey|storage key|storage account|storage*|blob|sharedkey|shared key"},
	}
}

func europeLabels() []labelLine {
	return []labelLine{
		{lDETax, "steuer id*|identifikationsnummern|identifikationsnr*|ident nr|identnummer*|steuerliche id|税务识别号|steueridentifikation*|steuer identifikation*|steuerliche identifikation*|steuer idnr|steueridnr|steueridnummer|steuer nummer|idnr|id nr|identifikationsnummer|german tax*|tax id*|steuernummer|tin|idnummer|bzst|德国税号"},
		{lNHS, "nhs*|n h s|chi number|rhif gig|nhs no|nhs number|national health service|health service number|health number|patient no|patient number"},
		{lPESEL, "pesel*|p e s e l|песель|numer pesel|nr pesel|numer ewidencyjny"},
		{lBSN, "bsn*|b s n|sofinr|burgerservicenummer*|burgerservicenr*|burger service nummer|sofinummer|sofi nummer|sofi|citizen service number|persoonsnummer|dutch id"},
		{lSE, "personnummer*|personnumret*|personnumren|samordningsnr*|p nr|pnr|person nr|personnr|swedish id|samordningsnummer|svenskt personnummer|social security|persnr|pers nr"},
		{lBE, "rijksregister*|rrn|rijksregisternummer|numero national|registre national|nrn|niss|insz|numero de registre national|nationaal nummer|belgian*"},
		{lFR, "securite sociale|secu|num secu|numero de secu*|numero secu|nir|insee|n ss|carte vitale|no secu|numero de securite sociale|assure social"},
		{lNINO, "national insurance|nino|ni number|ni no|national insurance no|nat ins"},
		{lSpain, "dni|nif|nie|documento nacional|n i f|n i e|d n i|numero de identificacion de extranjero|extranjer*"},
		{lIT, "codice fiscale*|cf|cod fisc*|codici fiscali"},
		{lFI, "hetu|henkilotunnus*|henkilotunnu*|sotu|sosiaaliturvatunnus"},
		{lTR, "t c|tckno|رقم الكيملك|tc|tc no|tc kimlik*|tckn|kimlik*|t c kimlik*|kimlik no|kimlik numarasi|turkish id*|vatandaslik*|tc nr|tc kimlik no"},
	}
}

func worldLabels() []labelLine {
	return []labelLine{
		{lSSN, "ssn*|s s n|s s|soc|社会保障号*|社会保障番号|社保号*|美国社保号*|社會安全號碼|社安號碼|사회보장번호|an sinh xa hoi|us sozialversicherungsnummer|ss#|social security*|social sec*|soc sec*|ss no|ss number|ssn no|seguro social|social|itin*|社会安全号*|社会安全号码|社安号*"},
		{lITIN, "itin*|i t i n|individual taxpayer*|taxpayer id*|tax id*|tin"},
		{lEIN, "ein|fein|e i n|ftin|taxpayer ident*|taxpayer id*|tax i d|联邦税号|雇主身份识别号|employer id*|employer identification*|federal tax*|federal employer*|tax id*|irs*|employer no|fed id|federal id|business tax*|company tax*|雇主识别*|雇主识别号|taxpayer*"},
		{lNPI, "npi*|n p i|national provider*|provider id*|provider identifier|provider number|provider no|physician*|doctor*|medical provider|healthcare provider|provider"},
		{lABA, "aba*|a b a|r/t|rout no|num de ruta|numero de routage|numero de roteamento|라우팅 번호|ルーティング番号|routing*|rtn|routing number|routing no|routing num|transit*|aba no|aba number|aba routing|bank routing|wire|ach|rt number|路由号*|银行代码|汇款路线号|numero de ruta|ruta bancaria|routing code"},
		{lSIN, "sin|s i n|n a s|sins|soc ins*|工卡号|social insurance*|sin number|sin no|canadian sin|nas|numero d assurance sociale|assurance sociale|社会保险号*"},
		{lCPF, "cpf*|c p f|cadastro de pessoa*|cpf mf|contribuinte"},
		{lCNPJ, "cnpj*|c n p j|cadastro nacional*|cgc"},
		{lTFN, "tfn*|税务档案号|tax file*|tax file no|tax file number|t f n|税号"},
		{lABN, "abn*|澳洲商业号码|australian business*|business number|a b n|business no"},
		{lMedicare, "medicare*|医保卡号|medicare card|medicare no|medicare number"},
		{lZA, "rsa id*|said|identity nr|inombolo kamazisi|i d number|sa id*|south african id*|za id*|identity number|id number|id no|id nommer|id nr|identiteitsnommer|identity no|id|isazisi|id num"},
		{lAadhaar, "aadhaar*|aadhar*|adhaar*|uidai|uid|uid no|आधार*|आधार संख्या|aadhaar no|aadhaar number|ఆధార్|ஆதார்|আধার"},
		{lPAN, "pan|p a n|pan no|pan card*|pan number|permanent account*|pancard|income tax*|पैन|स्थायी खाता*|पैन कार्ड|pan num|pan id"},
		{lMyNumber, "my number|个人番号|마이넘버|mynumber|マイナンバー*|個人番号*|my number card|individual number|マイナ|kojin bango|私人编号|个人编号"},
		{lUSCC, "统一社会信用代码*|社会信用代码*|信用代码*|統一社會信用代碼|uscc|unified social credit*|unified social credit code|credit code|social credit code"},
		{lTH, "เลขประจำตัว*|บัตรประชาชน*|เลขบัตร*|thai id*|thai national*|citizen id*|ประจำตัวประชาชน*|บัตร"},
		{lKR, "주민등록*|주민번호*|주민*|rrn|resident registration*|korean id*|외국인등록*"},
		{lCN, "身份证*|身份证号*|身份证号码|公民身份*|身份號碼|身分證*|resident id*|chinese id*|id card*|证件*|shenfenzheng"},
	}
}

// nobodyLabels announce numbers that are not personal; they keep look-alikes from being found.
func nobodyLabels() []labelLine {
	return []labelLine{
		{lOrder, "order*|contract*|bill|bills|contact id|call id|call sid|phone id|fax id|cell id|phone count|mobile app id|mobile sessions|conference id|meeting id|form submission|cell count|cell line|awb|po|model|invoice*|ticket*|tracking*|sku*|part no|part number|case no|case number|case id|product*|purchase*|po number|po no|shipment*|parcel*|package id|batch*|lot|lot no|transaction*|txn*|trace id|request id|session id|job id|build id|quote*|receipt*|booking*|reservation*|confirmation*|model no|catalog*|catalogue*|asset*|bug|issue*|commit*|account id|waybill*|article*|doi|isbn*|issn|arxiv|error code|code"},
		{lOrder, "订单*|契約番号|会议id|会议号|会議id|电话会议id|电话费账单|账单*|订单号|订单编号|单号|编号|流水号|发票*|发票号|快递*|运单*|物流*|货号|商品*|批次*|批号|工单*|合同*|版本*|訂單*|單號|編號|發票*|型号|型號|序号|票号|案号|注文*|注文番号|会員番号|顧客番号|伝票*|請求書*|商品番号|受付番号|問い合わせ番号|주문*|주문번호|송장*|운송장*|상품*|접수번호"},
		{lOrder, "bestell*|rechnung*|contrat*|contratto|contrato*|umowa|mobilavtal*|mobilaftale*|mobilavtale*|sopimus*|puhelinsopimus*|handyvertrag*|telefonrechnung*|handyrechnung*|mobilfunkvertrag*|telefonvertrag*|telefoonabonnement*|abonnement*|smlouv*|договор*|חוזה|kundennr*|kundennummer*|kunden nr|vertrag*|bestelnummer*|bestelnr*|dossier*|pratica|rastreio|resi|customer id|customer no|customer number|member no|member id|policy*|claim*|rma|auftrag*|sendung*|artikel*|bestellnummer|vorgang*|aktenzeichen|commande*|facture*|colis|suivi|numero de commande|reference|pedido*|factura*|envio*|numero de pedido|guia|ordine*|fattura*|spedizione|fatura*|encomenda*|nota fiscal|bestelling*|factuur*|order nr|ordrenummer|ordre*|faktura*|bestallning*|tilaus*|lasku*|zamowien*|przesylk*|objednavk*|rendeles*|szamla*|comanda*|siparis*|fatura|заказ*|счет*|накладн*|трек*|артикул*|замовлення*|παραγγελι*|τιμολογι*|طلب|الطلب|فاتورة|הזמנה|חשבונית|आदेश|ऑर्डर|คำสั่งซื้อ*|ใบแจ้งหนี้|don hang*|hoa don|pesanan|faktur"},
		{lRef, "iphone|birth rate*|birthday party|births|出生人口*|出生率|出生统计|出生数|출생아*|geboorten|nascimentos|nascite|syntyneita|родилось|ref|ref no|reference*|refs|count|counter|offset|pr|id|user id|row*|record*|item*"},
		{lVersion, "version*|ec|openssl|jdk|mysql|snap|heading|tag|tagged|bump*|plugin*|hotfix|changelog|nightly|downgrade*|ver|release*|build*|firmware*|kernel|driver|patch|revision|rev|chapter|section|sec|clause|upgrade*|v|semver|oid|assembly|sdk|package|版本*|版|固件|章节|バージョン|버전|versao|versione|wersja|versie|surum|версия|версии|sekce|kapitel|chapitre|capitulo|capitolo"},
		{lHost, "ip|ips|ipv4|ip address|ip addr|addr|address|addresses|host*|server*|client*|peer*|from|src|dst|source|destination|remote|local|gateway|dns|nameserver|ping|endpoint|node|router|proxy|地址|服务器|主机|来自|アドレス|サーバ|주소|서버|адрес|сервер|adresse|direccion|servidor|indirizzo|endereco|adres|login|logged|connect*|request from|visitor|x forwarded for|forwarded for"},
		{lMAC, "mac|mac addr*|hwaddr|hardware addr*|ethernet addr*|physical addr*|bssid|wifi mac|lladdr|mac 地址|mac地址|mac adresse|direccion mac|adresse mac"},
		{lTime, "timestamp*|epoch*|unix time|unixtime|ts|created at|updated at|time|milliseconds|millis|nanos|utc|时间戳*|タイムスタンプ|타임스탬프|zeitstempel|horodatage|expires*|iat|exp|nbf|date"},
		{lCode, "barcode*|ean*|gtin*|upc*|isbn*|imei*|iccid*|serial*|s n|sn|serial no|checksum|hash|sha*|md5|crc*|uuid|guid|书号|条形码|条码|序列号|串号|バーコード|바코드|일련번호|seriennummer|numero de serie|numero di serie|codigo de barras|code barre*|codice a barre|серийный*|штрих*"},
	}
}
