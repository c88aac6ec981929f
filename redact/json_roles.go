package redact

import "bytes"

// rootRole sorts the members of a request. What is not listed is a parameter, not text.
func rootRole(key []byte) role {
	switch string(key) {
	case "messages", "prompt", "input", "system", "instructions", "suffix", "prediction", // OpenAI, Anthropic
		"contents", "content", "requests", "systemInstruction", "system_instruction", // Gemini
		"query", "documents": // rerank
		return roleContent
	case "tools", "functions", "response_format", "output_format", "output_config", "generationConfig", "generation_config":
		return roleSchema
	case "text":
		return roleFormat
	}
	return roleSkip
}

// contentRole sorts the members of messages, content parts and items. Ids, names, roles, types, URLs, signatures and base64 data are
// what it leaves out.
func contentRole(key []byte) role {
	switch string(key) {
	case "content", "text", "parts", "output", "outputs", "result", "results", "refusal", "transcript", "summary",
		"reasoning", "reasoning_content", "reasoning_details", "thinking", "cited_text", "citations", "title", "context",
		"query", "queries", "question", "code", "logs", "stdout", "stderr", "description", "prompt", "system", "instructions",
		"document", "documents", "message", "action", "command",
		"tool_calls", "function", "function_call", "functionCall", "functionResponse", "function_response", "custom",
		"executableCode", "executable_code", "codeExecutionResult", "code_execution_result":
		return roleContent
	case "arguments", "args", "input", "response", "variables":
		return roleDeep
	case "source":
		return roleSource
	}
	return roleSkip
}

// schemaRole sorts the members of a JSON schema and of what is around it. An example is data; a default, a constant or an enum is
// what the caller's program compares with, and must arrive as it is.
func schemaRole(key []byte) role {
	switch string(key) {
	case "enum", "const", "default", "examples":
		return roleSkip
	case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas":
		return roleNamed
	case "input_examples":
		return roleDeep
	}
	return roleSchema
}

// media tells base64 data by its scheme, or by its key and alphabet: looking into it finds only accidents.
func media(key, content []byte) bool {
	if len(content) < 64 {
		return false
	}
	if bytes.HasPrefix(content, []byte("data:")) && bytes.Contains(content[:64], []byte(";base64,")) {
		return true
	}
	switch string(key) {
	case "data", "blob", "bytes", "image", "audio", "b64_json", "base64":
	default:
		return false
	}
	for _, c := range content {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=' || c == '-' ||
			c == '_') {
			return false
		}
	}
	return true
}
