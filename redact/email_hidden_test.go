package redact

import "testing"

func TestHiddenEmailAddresses(t *testing.T) {
	check(t, Options{}, []string{
		// '@' in brackets
		"mail [[EMAIL:jane.doe[at]example.com]], [[EMAIL:jane(at)example.com]], [[EMAIL:jane {at} example.com]] or [[EMAIL:jane <at> example.com]]",
		"[[EMAIL:jane[AT]example.com]] and [[EMAIL:jane (At) example.org]]",
		"[[EMAIL:jane[@]example.com]], [[EMAIL:jane (@) example.com]], [[EMAIL:jane{@}example.com]]",
		"[[EMAIL:lena[ät]example.de]], [[EMAIL:ana (arroba) example.com]], [[EMAIL:ana(arobase)example.fr]], [[EMAIL:ala [małpa] example.pl]]",
		"[[EMAIL:ivan(собака)example.ru]], [[EMAIL:luca [chiocciola] example.it]]",
		"E-Mail: [[EMAIL:lena(a)example.de]], [[EMAIL:l.meier(a)example.de]]",
		// dots
		"E-mail: [[EMAIL:JDOE AT EXAMPLE DOT COM]]",
		"[[EMAIL:jane[dot]doe[at]example[dot]com]], [[EMAIL:jane (dot) doe (at) example (dot) com]]",
		"[[EMAIL:jane[.]doe@example[.]com]], [[EMAIL:jane(.)doe[@]example{.}co(.)uk]]",
		"[[EMAIL:jane_doe at example[dot]com]] or [[EMAIL:jane.doe at example(.)com]]",
		"[[EMAIL:jane@example {dot} com]], [[EMAIL:jane@example.co[.]uk]]",
		"Kontakt: [[EMAIL:l.meier (at) example (punkt) de]]",
		"[[EMAIL:tran39＠example。com]], [[EMAIL:jane。doe＠example。co。jp]]とメール",
		"[[EMAIL:jane@example｡com]]",
		// cut by a line end
		"Write to [[EMAIL:kwame-garcia@\nexample.io]], thanks",
		"Write to [[EMAIL:kwame-garcia@\r\nexample.io]], thanks",
		"Write to [[EMAIL:sofia.hassan\n@example.de]] (work)",
		"mail [[EMAIL:ltan\r\n@example.de]]",
		"[[EMAIL:jane.doe@example.\ncom]] is mine, [[EMAIL:jane_doe@example\n.edu]] too",
		"[[EMAIL:jane.doe@example.\r\nco.uk]]",
		// spelled
		"correo [[EMAIL:h e n k . b r o w n @ g o v . s g]].",
		"E-Mail: [[EMAIL:j a n e @ e x a m p l e . o r g]]",
		"from [[IP_ADDRESS:131{.}218(.)86[.]43]], [[IP_ADDRESS:8(.)8(.)8(.)8]] and [[IP_ADDRESS:131(dot)218[dot]86{dot}43]]",
	})
}

func TestWhatLooksLikeAHiddenEmailAddressButIsNone(t *testing.T) {
	check(t, Options{}, []string{
		"meet me at acme dot com, look at example dot com",
		"Look at example.com and at acme dot com",
		"Look at github dot com for docs",
		"email us at acme dot com; mail the team at acme dot com; our shop at acme dot com is open",
		"The store at example dot com sells shoes, working at acme dot com is fun",
		"connect the dot at the end, dot com was a boom, the polka dot dress",
		"We met at noon. Dot came at two dot",
		"a[at] = b[dot]; x[at].com(dot)",
		"2 apples (at) 3, 12 pcs (at) 4.50",
		"see section 3(a) example.com and 5 (a) of the act",
		"for (dot) in (at) range(10)",
		"Hi <at>Jane Doe</at>, please look",
		"la arroba es un signo, punto com",
		"mon adresse : rue du point de vue",
		"x = y1\n@app.route('/x')\ndef f(): pass",
		"return foo.bar1\n@unittest.test\ndef f(): pass",
		"import foo.bar1\n@org.junit.Test\npublic void f() {}",
		"z = x_1\n@jit.to(device)",
		"C = A1@\nB.T",
		"scp file.txt web_1@example.com:/srv",
		"write to jane@localhost.\nin the morning we left",
		"write to jane@localhost.\nIt works",
		"see http://localhost.\ncom is short",
		"x y @ z . t and a b @ c . d e",
		"width=40px; a.b=40.5; x=40e.to",
		"From: [[EMAIL:example@example.com]]\n.br\nTo: [[EMAIL:example@example.org]]",
		"foo。bar。com",
		"1(.)2 and [.][.][.] and {.}",
		"version 1[.]2[.]3",
	})
}
