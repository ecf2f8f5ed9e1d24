import FuzzSupport
import PlumbFormats
import PlumbModel

/// Any bytes give a model or an error; what is given keeps its promises.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = WeightArray(unsafe input(start, count))
  do {
    let file = try GGUFFile(bytes: bytes, file: "input")
    // Each on its own: a fault in the one must not hide the other.
    do { checkTransformer(try file.transformer()) } catch { check(error) }
    do { checkTokenizer(try file.tokenizer()) } catch { check(error) }
    do { _ = try LoadedModel(file) } catch { check(error) }
  } catch { check(error) }
  return 0
}

private func checkTransformer(_ transformer: Transformer) {
  precondition(transformer.shapeErrors.isEmpty)
  precondition(Fingerprint.of(transformer).utf8.count == 64)
}

private func checkTokenizer(_ tokenizer: BPETokenizer) {
  for text in ["", " ", "Hello, world!  12345\n\n", "naïve 👩‍👩‍👧 日本\0\r\n\t", "<|end|>it's<|begin|>"] {
    for parseSpecial in [false, true] {
      do {
        let tokens = try tokenizer.encode(text, parseSpecial: parseSpecial)
        precondition(tokens.allSatisfy { (0..<tokenizer.vocabularySize).contains($0) })
        _ = tokenizer.text(of: tokens)
      } catch { check(error) }
    }
  }
}
