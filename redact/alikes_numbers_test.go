package redact

import (
	"fmt"
	"strings"
)

// numbersOfThings are numbers that trade, post and libraries give to things.
func numbersOfThings() []alike {
	return []alike{
		{"order number", func(r *dice) string {
			return fmt.Sprintf(r.of("Your order %s has shipped.", "Order #%s was cancelled", "order no. %s, please check", "Order ID: %s", `{"order_id":"%s","status":"paid"}`, "order=%s", "Bestellung %s ist unterwegs", "commande n° %s expédiée", "Pedido %s confirmado", "订单号：%s", "注文番号 %s", "주문번호: %s", "заказ № %s", "PO %s approved"),
				r.of(r.digits(r.in(6, 16)), r.digits(3)+"-"+r.digits(7)+"-"+r.digits(7), r.time().Format("20060102")+r.digits(r.in(3, 6)), r.digits(4)+"-"+r.digits(4)+"-"+r.digits(4), "W"+r.digits(9), "SO-"+r.digits(8)))
		}},
		{"invoice number", func(r *dice) string {
			return fmt.Sprintf(r.of("Invoice %s is due on %s.", "invoice no: %s (%s)", "Rechnung %s vom %s", "Facture %s du %s", "发票号码 %s，日期 %s", "Factura %s, fecha %s", "fattura n. %s del %s"),
				r.of("INV-"+r.digits(6), r.digits(8), r.time().Format("2006")+"-"+r.digits(5), r.time().Format("2006")+"/"+r.digits(4), r.digits(10)), r.time().Format(r.of("2006-01-02", "02.01.2006", "01/02/2006", "2 January 2006")))
		}},
		{"tracking number", func(r *dice) string {
			return fmt.Sprintf(r.of("Tracking: %s", "tracking number %s via carrier", "parcel %s delivered", "Sendungsnummer %s", "快递单号 %s", "numéro de suivi %s", "shipment %s left the hub"),
				r.of("1Z"+r.chars(capitals+figures0, 6)+r.digits(10), r.digits(12), r.digits(4)+" "+r.digits(4)+" "+r.digits(4), "9400 1"+r.digits(3)+" "+r.digits(4)+" "+r.digits(4)+" "+r.digits(4)+" "+r.digits(2), r.chars(capitals, 2)+r.digits(9)+"DE", "00"+r.digits(18), "SF"+r.digits(13), "JD"+r.digits(18)))
		}},
		{"SKU", func(r *dice) string {
			return fmt.Sprintf(r.of("SKU %s is out of stock", "sku: %s", `"sku":"%s",`, "item %s, qty 2", "Part no. %s fits the pump", "article %s", "model %s", "Artikelnummer %s", "货号 %s"),
				r.of(r.chars(capitals, 3)+"-"+r.digits(5), r.digits(8)+r.chars(capitals, 1), r.chars(capitals, 1)+r.digits(7)+r.chars(capitals, 1), r.chars(capitals, 2)+r.digits(6)+r.chars(capitals, 1), r.digits(3)+"-"+r.digits(2)+"-"+r.digits(4), r.chars(capitals, 5)+r.digits(4)+r.chars(capitals, 1), r.digits(2)+"."+r.digits(3)+"."+r.digits(3)))
		}},
		{"code of a part without a label", func(r *dice) string {
			return fmt.Sprintf(r.of("Use the %s bracket.", "we replaced %s and %[1]s-B", "see drawing %s", "The %s relay clicks."), r.of(r.chars(capitals, 2)+"-"+r.digits(4), r.digits(4)+"-"+r.digits(3), r.chars(capitals, 1)+r.digits(4)+r.chars(capitals, 2), r.digits(2)+"-"+r.digits(4)+"-"+r.digits(2)))
		}},
		{"ISBN", func(r *dice) string {
			return fmt.Sprintf(r.of("ISBN %s, hardcover", "ISBN: %s", "(ISBN-13: %s)", `isbn = {%s},`, "国际标准书号 %s"), r.of(r.isbn13(), r.isbn10()))
		}},
		{"ISSN and DOI", func(r *dice) string {
			return r.of("ISSN "+r.digits(4)+"-"+r.digits(3)+"X", "doi:10."+r.digits(4)+"/"+r.word()+"."+r.digits(4)+"."+r.digits(6), "https://doi.org/10."+r.digits(4)+"/s"+r.digits(5)+"-0"+r.digits(2)+"-"+r.digits(5)+"-"+r.digits(1), "arXiv:"+r.digits(4)+"."+r.digits(5)+"v2", "PMID "+r.digits(8))
		}},
		{"bar code", func(r *dice) string {
			return fmt.Sprintf(r.of("EAN %s", "barcode: %s", "GTIN-13 %s", "UPC %s scanned", "条形码 %s", `<ean>%s</ean>`), r.of(r.ean("", 13), r.ean("4", 13), r.ean("", 12), r.ean("", 8), r.ean("", 14)))
		}},
		{"IMEI and ICCID", func(r *dice) string {
			return fmt.Sprintf(r.of("IMEI %s", "imei: %s", "IMEI/SN %s"), r.of(luhnOf("35"+r.chars(figures0, 12)), luhnOf("86"+r.chars(figures0, 12)))) + r.of("", " ICCID "+luhnOf("8944"+r.chars(figures0, 14)))
		}},
		{"serial number", func(r *dice) string {
			return fmt.Sprintf(r.of("Serial number: %s", "S/N %s", "serial=%s", "Seriennummer %s", "序列号 %s"), r.of(r.chars(capitals+figures0, 12), r.digits(10), "C02"+r.chars(capitals+figures0, 9), r.digits(4)+"-"+r.digits(4)+"-"+r.digits(4), r.hex(16)))
		}},
		{"ticket", func(r *dice) string {
			return r.of("Fixes #"+r.digits(5)+" and #"+r.digits(4), "JIRA-"+r.digits(5)+" is blocked by OPS-"+r.digits(4), "see GH-"+r.digits(4), "ticket "+r.digits(8)+" closed", "case number "+r.digits(10), "CVE-"+r.time().Format("2006")+"-"+r.digits(5), "RFC "+r.digits(4)+", section "+r.joined(3, 9, "."), "booking reference "+r.chars(capitals+figures0, 6))
		}},
		{"product with figures", func(r *dice) string {
			return r.of("Intel Core i7-"+r.digits(5)+"K", "RTX "+r.digits(4)+" Ti "+r.digits(2)+"GB", "DDR5-"+r.digits(4)+" CL36-36-36-96", "ISO 9001:2015 and ISO/IEC 27001:2022", "DIN EN "+r.digits(5)+"-"+r.digits(1), "Boeing 737-800 and A320-200", "M8x1.25x40 DIN 933", "resistor 0603 10k 1%", "IEC 60950-1:2005/A2:2013", "Part 15 of 47 CFR 15.247")
		}},
		{"licence key and voucher", func(r *dice) string {
			return fmt.Sprintf(r.of("voucher %s gives 10%% off", "coupon code %s", "promo: %s"), r.of(r.chars(capitals, 4)+r.digits(2), "SAVE"+r.digits(2), r.chars(capitals+figures0, 4)+"-"+r.chars(capitals+figures0, 4)+"-"+r.chars(capitals+figures0, 4)))
		}},
		{"flight, gate and plate", func(r *dice) string {
			return r.of("Flight LH"+r.digits(4)+" boards at gate B"+r.digits(2)+" at 14:35.", "train ICE "+r.digits(3)+", coach 7, seats 61-64", "seat "+r.digits(2)+"A, row "+r.digits(2), "e-ticket 220-"+r.digits(10))
		}},
		{"customer and account", func(r *dice) string {
			return fmt.Sprintf(r.of("customer %s upgraded", "user_id=%s", "Kundennummer %s", "account id %s", "member since 2019, id %s", `"userId": %s,`, "客户编号 %s", "transaction %s settled", "txn %s"), r.of(r.digits(6), r.digits(8), r.digits(10), r.digits(12), "cus_"+r.chars(smalls+figures0, 14)))
		}},
		{"Luhn holds, nobody's", func(r *dice) string {
			return fmt.Sprintf(r.of("record %s archived", "batch %s", "trace id %s", "lot %s expired", "reference %s"), luhnOf(r.of(r.digits(8), r.digits(9), r.digits(10), r.digits(12), r.digits(14), "90"+r.digits(13), "11"+r.digits(13))))
		}},
		{"opening hours and scores", func(r *dice) string {
			return r.of("Open Mon-Fri 08:00-18:30, Sat 10-14.", "The score was 3-2 (1-1, 2-0), 6-4 7-5 6-7.", "Seasons 2019-20, 2020-21 and 2021-22", "pages 123-145, 201-209", "lines 1024-2048", "chapter 12.3.4, figure 5-10", "Psalm 119:105-112, John 3:16", "Room 4.1.27, floor 4", "votes: 1,204,332 to 998,120 (54.7-45.3)", "aged 18-24, 25-34, 35-44")
		}},
	}
}

// numbersOfMachines are what programs give to things.
func numbersOfMachines() []alike {
	return []alike{
		{"UUID", func(r *dice) string {
			return fmt.Sprintf(r.of("request %s failed", "id=%s", `{"id":"%s"}`, "/v1/items/%s/edit", "trace %s", "DELETE FROM jobs WHERE id='%s';", "%s"), r.of(r.uuid(), strings.ToUpper(r.uuid()), "{"+r.uuid()+"}", strings.ReplaceAll(r.uuid(), "-", "")))
		}},
		{"hash", func(r *dice) string {
			return fmt.Sprintf(r.of("sha256:%s", "md5 %s", "checksum %s ok", "%s  archive.tar.gz", "ETag: \"%s\"", "integrity %s", "hash=%s", "@sha256:%s"), r.hex(r.size(32, 40, 56, 64, 96, 128)))
		}},
		{"git commit", func(r *dice) string {
			return fmt.Sprintf(r.of("commit %s", "index %s..a1b2c3d 100644", "Merge %s into main", "reverts %s", "git checkout %s", "HEAD is now at %s Fix typo", "https://github.com/acme/tool/commit/%s"), r.of(r.hex(40), r.hex(7), r.hex(8), r.hex(12)))
		}},
		{"integrity of a lock file", func(r *dice) string {
			return r.of("\"integrity\": \"sha512-"+r.base64(64)+"\"", "github.com/pkg/errors v0.9.1 h1:"+r.base64(32), "    --hash=sha256:"+r.hex(64), "checksum = \""+r.hex(64)+"\"", "  sha1-"+r.base64(20), "\"resolved\": \"https://packages.example.org/lodash/-/lodash-4.17.21.tgz#"+r.hex(40)+"\"")
		}},
		{"base64", func(r *dice) string {
			return fmt.Sprintf(r.of("data:image/png;base64,%s", "payload %s", "%s", "body: %s", "\"image\": \"%s\"", "src=\"data:font/woff2;base64,%s\""), r.base64(r.in(30, 300)))
		}},
		{"hex dump", func(r *dice) string {
			var b strings.Builder
			fmt.Fprintf(&b, "%08x ", r.IntN(1<<20)*16)
			for k := range 16 {
				if k == 8 {
					b.WriteByte(' ')
				}
				b.WriteString(" " + r.hex(2))
			}
			return b.String() + "  |................|"
		}},
		{"bytes in hexadecimal", func(r *dice) string {
			sep := r.of(" ", ":", ", 0x")
			parts := make([]string, r.size(8, 20, 32))
			for k := range parts {
				parts[k] = r.hex(2)
			}
			return r.of("fingerprint ", "raw ", "SHA1 Fingerprint=", "0x") + strings.Join(parts, sep)
		}},
		{"fingerprint of a key", func(r *dice) string {
			return r.of("SHA256:"+strings.TrimRight(r.base64(32), "="), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"+strings.TrimRight(r.base64(32), "="), "Key fingerprint = "+strings.ToUpper(r.hex(4)+" "+r.hex(4)+" "+r.hex(4)+" "+r.hex(4)+" "+r.hex(4)+"  "+r.hex(4)+" "+r.hex(4)+" "+r.hex(4)+" "+r.hex(4)+" "+r.hex(4)), "gpg: using RSA key "+strings.ToUpper(r.hex(40)))
		}},
		{"version", func(r *dice) string {
			return fmt.Sprintf(r.of("release %s notes", "version %s", "v%s is out", "upgrade to %s-rc.1", "nginx/%s", "Chrome/%s Safari/537.36", "package@%s", "FROM golang:%s-alpine", "requires >= %s", "firmware %s installed", "libfoo.so.%s", "build %s", "\"version\": \"%s\"", "driver %s", "版本 %s", "tag %s"),
				r.of(r.joined(3, 30, "."), r.joined(4, 9, "."), r.joined(4, 250, "."), "10.0."+r.digits(5)+"."+r.digits(4), r.joined(2, 40, ".")+"."+r.time().Format("20060102")))
		}},
		{"epoch", func(r *dice) string {
			at := r.time()
			return fmt.Sprintf(r.of("ts=%d", "timestamp %d", `"created":%d,`, "epoch %d", "[%d] tick", "%d", "exp: %d", "at %d the job ended", "时间戳 %d", "t0 = %d"), r.int(at.Unix(), at.UnixMilli(), at.UnixMicro(), at.UnixNano()))
		}},
		{"time stamp", func(r *dice) string {
			return r.stamp() + r.of(" INFO started", " [main] DEBUG loop "+r.digits(3), ",done,"+r.float(), " took 12.5ms", "")
		}},
		{"dates", func(r *dice) string {
			a, b := r.time(), r.time()
			f := r.of("2006-01-02", "02.01.2006", "01/02/2006", "2 Jan 2006", "20060102", "2006年1月2日", "2006/01/02", "January 2, 2006")
			return fmt.Sprintf(r.of("The meeting moved from %s to %s.", "valid %s - %s", "%s,%s,open", "Published %s, updated %s", "between %s and %s", "Lieferung zwischen %s und %s"), a.Format(f), b.Format(f))
		}},
		{"snowflake", func(r *dice) string {
			return fmt.Sprintf(r.of("https://discord.com/channels/%s/%s", "status/%s replied to %s", `{"id":%s,"parent":%s}`, "[%s, %s]", "message %s in thread %s"), r.digits(18), r.digits(19))
		}},
		{"object identifiers", func(r *dice) string {
			return r.of("OID 1.3.6.1.4.1."+r.digits(5)+"."+r.joined(3, 9, "."), "ObjectId(\""+r.hex(24)+"\")", "01"+r.chars("ABCDEFGHJKMNPQRSTVWXYZ0123456789", 24), "arn:aws:iam::"+r.digits(12)+":role/deploy", "i-0"+r.hex(16)+" in us-east-1", "projects/"+r.digits(12)+"/locations/eu", "pod "+r.word()+"-"+r.hex(9)+"-"+r.chars(smalls+figures0, 5), "vpc-"+r.hex(8)+" subnet-"+r.hex(17))
		}},
		{"local networks", func(r *dice) string {
			return r.of("listening on 127.0.0.1:8080", "inet 192.168.1."+r.digits(2)+" netmask 255.255.255.0", "bind 0.0.0.0", "10.0.0.0/8 via 10.1.2.3", "::1 localhost", "fe80::1%lo0", "172.16.0.0/12", "mask 255.255.255.240", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")
		}},
		{"ports, processes and sizes", func(r *dice) string {
			return fmt.Sprintf("pid %s tid %s port %s rss %s kB, %s of %s bytes free", r.digits(5), r.digits(12), r.digits(4), r.digits(6), r.digits(10), r.digits(11))
		}},
		{"stack trace", func(r *dice) string {
			return r.of("\tat com.acme."+r.word()+".Main.run(Main.java:"+r.digits(3)+")", "  File \"/srv/app/"+r.word()+".py\", line "+r.digits(4)+", in "+r.name(), "goroutine "+r.digits(5)+" [running]: main.main() /src/main.go:"+r.digits(2)+" +0x"+r.hex(3), "0x00007f"+r.hex(10)+" in "+r.name()+" ()", "EIP: 0010:["+r.hex(8)+"] EFLAGS: 000"+r.digits(5))
		}},
		{"access log", func(r *dice) string {
			return fmt.Sprintf("127.0.0.1 - - [%s] \"GET /%s/%s?page=%s HTTP/1.1\" 200 %s \"-\" \"curl/8.%s.0\" %s", r.time().Format("02/Jan/2006:15:04:05 +0000"), r.word(), r.digits(6), r.digits(2), r.digits(5), r.digits(1), r.float())
		}},
		{"container and image", func(r *dice) string {
			return r.of("CONTAINER "+r.hex(12)+" nginx:1.27.3", "Pulling fs layer "+r.hex(12), "sha256:"+r.hex(64)+" 142MB", "registry.example.com:5000/"+r.word()+":"+r.time().Format("20060102.150405")+"-"+r.hex(8), "overlay2/"+r.hex(64)+"/merged")
		}},
	}
}

// size is one of some lengths.
func (r *dice) size(sizes ...int) int { return sizes[r.IntN(len(sizes))] }

func (r *dice) int(of ...int64) int64 { return of[r.IntN(len(of))] }
