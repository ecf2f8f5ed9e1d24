import PlumbFormats

/// Any text is its tokens' bytes again, under every pre-tokenizer and by scores, in one piece or streamed.
///
/// The first byte chooses the pre-tokenizer and whether control tokens are parsed; the others are the text.
func readText(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
  guard let choice = bytes.first else { return false }
  let (tokenizer, hasMarks) = tokenizers[Int(choice >> 1) % tokenizers.count]
  let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
  guard let tokens = try answer({ try tokenizer.encode(text, parseSpecial: choice & 1 == 1) }) else {
    throw BrokenPromise("every byte has a token, and yet there was an error")
  }
  // A mark in the text is the same as a space; tokens that are recognised as a whole stand for themselves.
  func unmarked(_ text: String) -> [UInt8] { Array(text.replacing("\u{2581}", with: " ").utf8) }
  let decoded = tokenizer.bytes(of: tokens)
  let same =
    hasMarks ? unmarked(String(decoding: decoded, as: UTF8.self)) == unmarked(text) : decoded == Array(text.utf8)
  try expect(same, "the tokens' bytes are not the text's")
  try checkStream(Array(bytes.dropFirst()), step: Int(choice) % 5 + 1)
  return true
}

private func checkStream(_ bytes: [UInt8], step: Int) throws(BrokenPromise) {
  var stream = UTF8Stream()
  var text = ""
  for start in stride(from: 0, to: bytes.count, by: step) {
    text.unicodeScalars += stream.append(Array(bytes[start..<min(start + step, bytes.count)])).unicodeScalars
  }
  text.unicodeScalars += stream.finish().unicodeScalars
  try expect(
    Array(text.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8), "a stream of pieces is not the whole")
}

private let special = ["<|a|>", "<|a|>b", "<|a", "aaaaa"]

private func types(_ tokens: [String]) -> [Int] {
  tokens.map { $0.hasPrefix("<|") ? 3 : $0 == "aaaaa" ? 4 : $0.hasPrefix("<0x") ? 6 : 1 }
}

private let tokenizers: [(tokenizer: TextTokenizer, hasMarks: Bool)] = {
  do {
    let named = try PreTokenizer.names.compactMap { name throws(ModelError) in try bytePairs(name) }
    return named.map { ($0, false) } + [(try scoredPieces(), true)]
  } catch { preconditionFailure("\(error)") }
}()

/// The byte-level tokenizer with the cuts of `name`; `nil` where those are for another kind.
private func bytePairs(_ name: String) throws(ModelError) -> TextTokenizer? {
  let words = ["th", "the", "Ġthe", "ll", "'ll", "12", "123", "ĠĠ", "ĠĠĠĠ", "Ċ", "ĊĊ", "aa", "aaa", "aaaa", "Ã©"]
  let merges = [
    "t h", "th e", "Ġ the", "l l", "' ll", "1 2", "12 3", "Ġ Ġ", "ĠĠ ĠĠ", "Ċ Ċ", "a a", "a aa", "aa a", "aa aa", "Ã ©",
  ]
  let tokens = ByteAlphabet.scalars.map { String($0) } + words.filter { $0 != "Ċ" } + special
  guard let named = PreTokenizer.named(name), !named.hasMarks else { return nil }
  let vocabulary = try BPEVocabulary(tokens: tokens, types: types(tokens), merges: merges, file: "fuzz")
  return TextTokenizer(
    vocabulary: vocabulary, preTokenizer: named.preTokenizer, takesWholePieces: named.takesWholePieces, frame: .init(),
    endOfText: [])
}

/// A tokenizer of SentencePiece's scores, some of which are equal.
private func scoredPieces() throws(ModelError) -> TextTokenizer {
  let words = [
    "th", "the", "▁the", "▁", "▁▁", "ll", "l", "12", "123", "aa", "aaa", "a", "é", "日本", "h", "e", "t", "▁t",
  ]
  let tokens = (0..<256).map { BPEVocabulary.written(UInt8($0)) } + words + special
  let vocabulary = try BPEVocabulary(pieces: tokens, types: types(tokens), file: "fuzz")
  let scores = tokens.indices.map { Float(-($0 % 7)) }
  return TextTokenizer(pieces: vocabulary, scores: scores, addsSpace: false, frame: .init(), endOfText: [])
}
