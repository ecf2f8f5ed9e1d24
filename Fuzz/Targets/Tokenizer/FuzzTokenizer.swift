import FuzzSupport
import PlumbFormats

/// Any text is its tokens' bytes again, under every pre-tokenizer, in one piece or streamed.
///
/// The first byte chooses the pre-tokenizer and whether control tokens are parsed; the others are the text.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe input(start, count)
  guard let choice = bytes.first else { return 0 }
  let tokenizer = tokenizers[Int(choice >> 1) % tokenizers.count]
  let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
  do {
    let tokens = try tokenizer.encode(text, parseSpecial: choice & 1 == 1)
    precondition(tokenizer.bytes(of: tokens) == Array(text.utf8))
  } catch { preconditionFailure("every byte has a token, but: \(error)") }
  checkStream(Array(bytes.dropFirst()), step: Int(choice) % 5 + 1)
  return 0
}

private func checkStream(_ bytes: [UInt8], step: Int) {
  var stream = UTF8Stream()
  var text = ""
  for start in stride(from: 0, to: bytes.count, by: step) {
    text.unicodeScalars += stream.append(Array(bytes[start..<min(start + step, bytes.count)])).unicodeScalars
  }
  text.unicodeScalars += stream.finish().unicodeScalars
  precondition(Array(text.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8))
}

private let tokenizers: [BPETokenizer] = PreTokenizer.names.compactMap { name in
  let words = ["th", "the", "Ġthe", "ll", "'ll", "12", "123", "ĠĠ", "ĠĠĠĠ", "Ċ", "ĊĊ", "aa", "aaa", "aaaa", "Ã©"]
  let merges = [
    "t h", "th e", "Ġ the", "l l", "' ll", "1 2", "12 3", "Ġ Ġ", "ĠĠ ĠĠ", "Ċ Ċ", "a a", "a aa", "aa a", "aa aa", "Ã ©",
  ]
  let special = ["<|a|>", "<|a|>b", "<|a", "aaaaa"]
  let tokens = ByteAlphabet.scalars.map { String($0) } + words.filter { $0 != "Ċ" } + special
  let types = tokens.map { $0.hasPrefix("<|") ? 3 : $0 == "aaaaa" ? 4 : 1 }
  do {
    guard let preTokenizer = PreTokenizer.named(name) else { return nil }
    let vocabulary = try BPEVocabulary(tokens: tokens, types: types, merges: merges, file: "fuzz")
    return BPETokenizer(
      vocabulary: vocabulary, preTokenizer: preTokenizer, takesWholePieces: false, frame: .init(), endOfText: [])
  } catch { preconditionFailure("\(error)") }
}
