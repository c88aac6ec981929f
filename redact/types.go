package redact

// Type is a kind of personal data or secret, in the catalogue's order.
type Type uint8

// The catalogue.
const (
	None Type = iota

	// Contact.
	Email
	Phone

	// Money.
	CreditCard
	IBAN
	CryptoWallet
	USABARouting

	// National identifiers known by their shape or check digits.
	CNResidentID
	CNUSCC
	ESNIF
	ESNIE
	ITFiscalCode
	FRNIR
	BRCPF
	BRCNPJ
	FIHETU
	KRRRN
	SGNRIC
	SEPersonnummer
	BENRN
	THTNIN
	USSSN
	USITIN
	UKNINO
	INAadhaar

	// National identifiers that need a label word too.
	DETaxID
	UKNHS
	PLPESEL
	NLBSN
	JPMyNumber
	AUTFN
	AUABN
	AUMedicare
	TRID
	CASIN
	ZAID
	USNPI
	USEIN
	INPAN

	// Network.
	IPAddress
	MACAddress
	URL // off unless asked for

	// Secrets.
	AWSAccessKey
	AWSSecretKey
	GitHubToken
	GitLabToken
	SlackToken
	SlackWebhook
	StripeKey
	OpenAIKey
	AnthropicKey
	GoogleAPIKey
	JWT
	PrivateKey
	NPMToken
	PyPIToken
	HuggingFaceToken
	SendGridKey
	TelegramToken
	TwilioKey
	DigitalOceanToken
	ShopifyToken
	DatabricksToken
	AzureStorageKey
	ConnectionString // the password in it
	GenericSecret

	// People.
	DateOfBirth

	// Dictionary is a term of the operator's own list (Options.Dictionary).
	Dictionary

	// What no rule finds: an external recogniser does (MaskOptions.Extra, Masker.With), and a Finder never.
	Person
	Location
	Organization
	Group // nationality, religion or political group
	DateTime
	Entity // anything else that a recogniser is asked for

	typeCount
)

// typeName gives the catalogue's names; it is never written to.
var typeName = [typeCount]string{
	"NONE",
	"EMAIL", "PHONE",
	"CREDIT_CARD", "IBAN", "CRYPTO_WALLET", "US_ABA_ROUTING",
	"CN_RESIDENT_ID", "CN_USCC", "ES_NIF", "ES_NIE", "IT_FISCAL_CODE", "FR_NIR", "BR_CPF", "BR_CNPJ", "FI_HETU",
	"KR_RRN", "SG_NRIC", "SE_PERSONNUMMER", "BE_NRN", "TH_TNIN", "US_SSN", "US_ITIN", "UK_NINO", "IN_AADHAAR",
	"DE_TAX_ID", "UK_NHS", "PL_PESEL", "NL_BSN", "JP_MY_NUMBER", "AU_TFN", "AU_ABN", "AU_MEDICARE", "TR_ID",
	"CA_SIN", "ZA_ID", "US_NPI", "US_EIN", "IN_PAN",
	"IP_ADDRESS", "MAC_ADDRESS", "URL",
	"AWS_ACCESS_KEY", "AWS_SECRET_KEY", "GITHUB_TOKEN", "GITLAB_TOKEN", "SLACK_TOKEN", "SLACK_WEBHOOK", "STRIPE_KEY",
	"OPENAI_KEY", "ANTHROPIC_KEY", "GOOGLE_API_KEY", "JWT", "PRIVATE_KEY", "NPM_TOKEN", "PYPI_TOKEN",
	"HUGGINGFACE_TOKEN", "SENDGRID_KEY", "TELEGRAM_TOKEN", "TWILIO_KEY", "DIGITALOCEAN_TOKEN", "SHOPIFY_TOKEN",
	"DATABRICKS_TOKEN", "AZURE_STORAGE_KEY", "CONNECTION_STRING", "GENERIC_SECRET",
	"DATE_OF_BIRTH",
	"DICTIONARY",
	"PERSON", "LOCATION", "ORGANIZATION", "NRP", "DATE_TIME", "ENTITY",
}

// String is the catalogue's name, such as "EMAIL".
func (t Type) String() string {
	if t < typeCount {
		return typeName[t]
	}
	return typeName[None]
}

// Recognised says whether only an external recogniser finds the type.
func (t Type) Recognised() bool { return t > Dictionary && t < typeCount }

// ParseType reads a name, of the catalogue or of what a recogniser finds; it is exact about case.
func ParseType(name string) (Type, bool) {
	for t := None + 1; t < typeCount; t++ {
		if typeName[t] == name {
			return t, true
		}
	}
	return None, false
}

// Types lists the catalogue in its order: what a Finder finds.
func Types() []Type {
	all := make([]Type, 0, Dictionary)
	for t := None + 1; t <= Dictionary; t++ {
		all = append(all, t)
	}
	return all
}

// Finding is one value found: text[Start:End], in bytes of the text that was given to Find.
type Finding struct {
	Start, End int
	Type       Type
}

// Options says what a Finder looks for.
type Options struct {
	// Types are the types to report; nil is the catalogue without those that are off by default (URL).
	Types []Type
	// Allow are exact values that are never reported.
	Allow []string
	// Dictionary are the operator's own terms, reported as Dictionary wherever they stand as whole words,
	// whatever their case in ASCII.
	Dictionary []string
	// PrivateIPs reports addresses of private, loopback and link-local ranges too.
	PrivateIPs bool
}
