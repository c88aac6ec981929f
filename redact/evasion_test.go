package redact

import "testing"

// TestNumbersWrittenApart has numbers in groups that nobody uses: with a label they are found all the same.
func TestNumbersWrittenApart(t *testing.T) {
	check(t, Options{}, []string{
		"card [[CREDIT_CARD:9 7 9 2 9 5 1 8 1 7 5 6 0 4 8 2]]",
		"card: [[CREDIT_CARD:9792/9518/1756/0482]]",
		"card: [[CREDIT_CARD:9792 - 9518 - 1756 - 0482]]",
		"card: [[CREDIT_CARD:9792_9518_1756_0482]]",
		"card number [[CREDIT_CARD:9792\n9518\n1756\n0482]]\nthanks",
		"卡号：[[CREDIT_CARD:9792 9518\n1756 0482]]。",
		"Aadhaar [[IN_AADHAAR:25 43 24 63 65 67]] please",
		"Aadhaar: [[IN_AADHAAR:254.324.636.567]]",
		"NHS number [[UK_NHS:32 86 03 34 21]]",
		"NHS number [[UK_NHS:3286  0334  21]]",
		"Steuer-ID: [[DE_TAX_ID:254 399 160 73]]",
		"マイナンバー [[JP_MY_NUMBER:9 1 4 4 9 9 3 3 7 7 8 9]]",
		"บัตรประชาชน [[TH_TNIN:100.912.636.990.5]]",
		"주민등록번호 [[KR_RRN:73 12 10 18 31 91 3]]",
		"personnummer [[SE_PERSONNUMMER:195 103 222 401]]",
		"rijksregisternummer [[BE_NRN:92 04 21 53 816]]",
		"CPF [[BR_CPF:400 396 572 80]]",
		"routing [[US_ABA_ROUTING:0 8 6 5 6 8 5 5 3]]",
		"SSN [[US_SSN:228.79.8309]], [[US_SSN:608 14 7905]]",
		"SSN: [[US_SSN:715-742-051]]",
		"ssn: [[US_SSN:488\n36\n4213]]\nnext",
		"IBAN [[IBAN:SE61651997036862\n05853451]]",
		"IBAN [[IBAN:PT12.0072.2465.0349.7999.6039.1]]",
		"codice fiscale [[IT_FISCAL_CODE:DPGVPM 66A27 A553 J]]",
		"NIR [[FR_NIR:289033351524451]] or [[FR_NIR:2890333515244 51]]",
		"身份证 [[CN_RESIDENT_ID:517255 19960619 334X]]",
		"mail jane [[EMAIL:jane.doe[at]example.com]], [[EMAIL:joe (at) example (dot) com]] or [[EMAIL:jim@example[dot]org]]",
		"from [[IP_ADDRESS:131[.]218[.]86[.]43]]",
		"card [[CREDIT_CARD:4111|1111|1111|1111]], [[CREDIT_CARD:4111,1111,1111,1111]] or [[CREDIT_CARD:4111+1111+1111+1111]]",
		"Aadhaar [[IN_AADHAAR:2543:2463:6567]]",
	})
}

func TestWhatIsApartAndNobodys(t *testing.T) {
	check(t, Options{}, []string{
		"9792\n9518\n1756\n0482\n", // a column
		"97 92 95 18 17 56 04 82 11",
		"2024_05_17_1234 and 1_000_000_000",
		"x = 9792_9518_1756_0482_11",
		"call f(at) and g[at]",
		"see (at) page 12 (dot)",
		"[at] 10.5",
		"3286\n0334\n21\n",
		"2447.387582370878",
		"[4968090884938317023, 4443687238071938066]",
		`["4968090884938317023", "4443687238071938066"]`,
		"快递单号 3908 2917 6465 7278 05",
		"4111|1111|1111|1111",
		"card fees: 4111,1111,1111,1112",
	})
}

// TestMarksAroundValues has what Markdown puts around values.
func TestMarksAroundValues(t *testing.T) {
	check(t, Options{}, []string{
		"~~[[CREDIT_CARD:4111 1111 1111 1111]]~~, SSN ~~[[US_SSN:276-66-7011]]~~",
		"tel. __[[PHONE:+44 7620 036698]]__ or _[[PHONE:+49 151 62164258]]_",
		"client ip __[[IP_ADDRESS:45.56.65.165]]__, _[[IP_ADDRESS:203.112.116.80]]_ and ==[[IP_ADDRESS:131.218.86.43]]==",
		"write to __[[EMAIL:jane@example.com]]__ or _[[EMAIL:joe@example.com]]_",
		"root password: **[[GENERIC_SECRET:EmSKCyjp*8%rcHC]]**",
		"lib_1.2.3.4 and v_131.218.86.43, ~4111111111111111",
	})
}

// TestFormsOfCharacters has letters of other alphabets that stand for ASCII, fillers and more ways to escape.
func TestFormsOfCharacters(t *testing.T) {
	check(t, Options{}, []string{
		"IBAN [[IBAN:𝐃𝐄𝟖𝟗 𝟑𝟕𝟎𝟒 𝟎𝟎𝟒𝟒 𝟎𝟓𝟑𝟐 𝟎𝟏𝟑𝟎 𝟎𝟎]], [[EMAIL:𝘫𝘢𝘯𝘦@𝘦𝘹𝘢𝘮𝘱𝘭𝘦.𝘤𝘰𝘮]]",
		"card [[CREDIT_CARD:41\u316411 1111 11\u280011 1111]], SSN [[US_SSN:276\u058A66\u058A7011]]",
		`[[EMAIL:jane\u{40}example.com]], [[EMAIL:joe\U00000040example.com]], {"a":"{\"b\":\"[[EMAIL:jim\\u0040example.com]]\"}"}`,
		"[[EMAIL:jane&amp;#64;example.com]], [[EMAIL:joe%2540example.com]], [[EMAIL:jim&zwnj;@example.com]]",
		"card &#52&#49&#49&#49 is the beginning of one: [[CREDIT_CARD:&#52&#49&#49&#49 &#49&#49&#49&#49 &#49&#49&#49&#49 &#49&#49&#49&#49]]",
		"card [[CREDIT_CARD:4111 1111\\\n1111 1111]]",
		"[[EMAIL:jane.doe @ example . com]], jane<at>x, [[EMAIL:joe<at>example<dot>com]]",
		`C:\users\\x \u{ \u{zz} \U0000 &#x; %25 %254`,
	})
}

func TestTimesHideNothing(t *testing.T) {
	check(t, Options{}, []string{
		"2026-11-22T13:48:41.63818321Z",
		"2026-11-22 13:48:41,638 INFO 12:30:45.123456 10:20",
		"[22/Nov/2026:13:48:41 +0000] 269da17f-ad08-e661-6542-a21c23a49492",
		"2026-11-22T13:48:41Z [[IP_ADDRESS:131.218.86.43]] [[EMAIL:jane@example.com]] 12 ms",
		"2026-11-22 13:48 call [[PHONE:404-268-8350]]",
		`"dob": "[[DATE_OF_BIRTH:1985-03-12]]T00:00:00Z"`,
		"12:30 [[PHONE:+1 404-268-8350]]",
		"at 12:30:45 from [[MAC_ADDRESS:00:1B:44:11:3A:B7]]",
		"12:30:45 is a time, this is none: [[MAC_ADDRESS:12:30:45:67:89:AB]]",
		"at 10:20 from [[IP_ADDRESS:2001:db8:12:30::1]]",
		"id 269da17f-ad08-e661-6542-a21c23a49492, ssn [[US_SSN:276-66-7011]]",
	})
}
