package redact

import "testing"

func TestNetworkAddresses(t *testing.T) {
	check(t, Options{}, []string{
		"login from [[IP_ADDRESS:131.218.86.43]]",
		"200 [[IP_ADDRESS:131.218.86.43]] 443 80 [[IP_ADDRESS:8.8.4.4]]; 2026-01-02 [[IP_ADDRESS:131.218.86.43]] 12.5 ms",
		"12 [[IP_ADDRESS:131[.]218[.]86[.]43]] seen; 12 131.218.86.430 not",
		"[[IP_ADDRESS:8.8.8.8]]:53, [[IP_ADDRESS:1.1.1.1]]/32; http://[[IP_ADDRESS:203.0.113.9]]:8080/x",
		"peer [[IP_ADDRESS:2a04:5a64:4d44:3341:bd86:a55c:bc2a:aab5]] connected",
		"addr [[IP_ADDRESS:2001:db8::ff00:42:8329]] and [[IP_ADDRESS:2001:db8::1]]",
		"[[IP_ADDRESS:::ffff:8.8.8.8]] mapped",
		"src=[[IP_ADDRESS:8.8.4.4]] dst=10.0.0.1",
		"来自[[IP_ADDRESS:114.114.114.114]]的请求",
		"nic [[MAC_ADDRESS:D0-81-20-04-A3-6F]], [[MAC_ADDRESS:00:1b:44:11:3a:b7]]; [[MAC_ADDRESS:001b.4411.3ab7]]",
		"127.0.0.1 10.1.2.3 192.168.1.1 172.16.0.9 ::1 fe80::1 0.0.0.0 255.255.255.0",
		"release 5.4.3.2 notes, version 1.2.3.4, v2.3.4.5, build 10.20.30.40",
		"1.2.3.4.5 and 256.1.1.1 and 01.2.3.4 and 1.2.3.4-beta",
		"Chrome/74.0.37.131 Safari/537.36",
		"std::vector a::b face::cafe x::<u64>() Foo::Bar1",
		"12:30:45 and 1:2:3 and 00:00:00:00:00:00 and ff:ff:ff:ff:ff:ff",
		"fingerprint 16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
		"section 1.2.3.4",
		"nginx/12.103.139.28 python==80.94.93.200 ^97.118.193.81, needs x >= 1.2.99.3",
		"ff02::1 ip6-allnodes, fe00::0 ip6-localnet, ff00::0",
		"MAC is [[MAC_ADDRESS:647d.4d70.42be]]. and [[MAC_ADDRESS:cbea.acd0.9f54]]です",
		"269da17f-ad08-e661-6542-a21c23a49492 and FE80::1%eth0",
	})
	check(t, Options{PrivateIPs: true}, []string{"[[IP_ADDRESS:127.0.0.1]] [[IP_ADDRESS:192.168.1.1]] [[IP_ADDRESS:fe80::1]] [[IP_ADDRESS:::1]]"})
	check(t, Options{Types: []Type{URL}}, []string{"see [[URL:https://example.com/a?b=c#d]], or ([[URL:http://x.org]])."})
}
