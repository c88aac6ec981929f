#include "textflag.h"

// Both functions go over 64 or 32 bytes at a time. quotes and slashes are the bit masks of '"' and '\', after those of the bytes
// that stand behind a backslash. A quote that is not in after ends the string, and a slash that is in it begins an even run:
// both are left to the caller. carry is 1 when the block before ended with a backslash; the last block is then given back
// from that backslash on, so that what it escapes is seen.

// skipAVX2 has no instruction of the old encoding (MOVQ to X0 for VMOVQ): one between those of AVX costs 100 ns at each call.

// func skipAVX2(text []byte) int
TEXT ·skipAVX2(SB), NOSPLIT, $0-32
	MOVQ text_base+0(FP), SI
	MOVQ text_len+8(FP), CX
	MOVQ SI, DI
	XORL DX, DX                  // carry
	MOVQ $0x2222222222222222, AX // '"'
	VMOVQ AX, X0
	VPBROADCASTQ X0, Y0
	MOVQ $0x5c5c5c5c5c5c5c5c, AX // '\'
	VMOVQ AX, X1
	VPBROADCASTQ X1, Y1

block:
	CMPQ CX, $64
	JLT  done
	VMOVDQU (SI), Y2
	VMOVDQU 32(SI), Y3
	VPCMPEQB Y0, Y2, Y4
	VPCMPEQB Y0, Y3, Y5
	VPCMPEQB Y1, Y2, Y2
	VPCMPEQB Y1, Y3, Y3
	VPMOVMSKB Y4, R8
	VPMOVMSKB Y5, R9
	VPMOVMSKB Y2, R10
	VPMOVMSKB Y3, R11
	SHLQ $32, R9
	SHLQ $32, R11
	ORQ  R9, R8                  // quotes
	ORQ  R11, R10                // slashes
	LEAQ (DX)(R10*2), R12        // after
	MOVQ R12, R13
	ANDQ R10, R13
	NOTQ R12
	ANDQ R8, R12
	ORQ  R13, R12
	JNZ  done
	MOVQ R10, DX
	SHRQ $63, DX
	ADDQ $64, SI
	SUBQ $64, CX
	JMP  block

done:
	VZEROUPPER
	SUBQ DI, SI
	SUBQ DX, SI
	MOVQ SI, ret+24(FP)
	RET

// func skipSSE2(text []byte) int
TEXT ·skipSSE2(SB), NOSPLIT, $0-32
	MOVQ text_base+0(FP), SI
	MOVQ text_len+8(FP), CX
	MOVQ SI, DI
	XORL DX, DX                  // carry
	MOVQ $0x2222222222222222, AX // '"'
	MOVQ AX, X0
	PUNPCKLQDQ X0, X0
	MOVQ $0x5c5c5c5c5c5c5c5c, AX // '\'
	MOVQ AX, X1
	PUNPCKLQDQ X1, X1

block:
	CMPQ CX, $32
	JLT  done
	MOVOU (SI), X2
	MOVOU 16(SI), X3
	MOVO X2, X4
	PCMPEQB X0, X4
	PMOVMSKB X4, R8
	MOVO X3, X5
	PCMPEQB X0, X5
	PMOVMSKB X5, R9
	SHLL $16, R9
	ORL  R9, R8                  // quotes
	PCMPEQB X1, X2
	PMOVMSKB X2, R10
	PCMPEQB X1, X3
	PMOVMSKB X3, R11
	SHLL $16, R11
	ORL  R11, R10                // slashes
	LEAL (DX)(R10*2), R12        // after
	MOVL R12, R13
	ANDL R10, R13
	NOTL R12
	ANDL R8, R12
	ORL  R13, R12
	JNZ  done
	MOVL R10, DX
	SHRL $31, DX
	ADDQ $32, SI
	SUBQ $32, CX
	JMP  block

done:
	SUBQ DI, SI
	SUBQ DX, SI
	MOVQ SI, ret+24(FP)
	RET
