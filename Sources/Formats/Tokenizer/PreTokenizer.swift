/// The rule by which a text is cut into pieces before byte pairs are merged; no merge crosses a cut.
///
/// Each is a regular expression where models are trained, and a scanner here.
package enum PreTokenizer: Sendable {
  /// GPT-2's pattern.
  case gpt2
  /// Every number alone, then GPT-2's pattern on what lies between (SmolLM, StarCoder).
  case digitsThenGPT2
  /// Llama 3's pattern; at most this many numbers in a piece (3, or 1 for Qwen 2).
  case llama3(numbers: Int)
  /// The cuts that llama.cpp makes where a file says `default`.
  case llamaCppDefault

  private static let byName: [String: PreTokenizer] = [
    "default": .llamaCppDefault,
    "gpt-2": .gpt2, "gpt2": .gpt2,
    "smollm": .digitsThenGPT2, "starcoder": .digitsThenGPT2, "refact": .digitsThenGPT2,
    "command-r": .digitsThenGPT2, "codeshell": .digitsThenGPT2,
    "llama3": .llama3(numbers: 3), "llama-v3": .llama3(numbers: 3), "llama-bpe": .llama3(numbers: 3),
    "qwen2": .llama3(numbers: 1), "deepseek-r1-qwen": .llama3(numbers: 1),
  ]

  /// The names that can be given to `named(_:)`.
  package static var names: [String] { byName.keys.sorted() }

  /// The pre-tokenizer that `tokenizer.ggml.pre` calls `name`, or `nil`.
  package static func named(_ name: String) -> PreTokenizer? { byName[name] }

  /// The ends of the pieces of `scalars`, ascending; the last is `scalars.count`.
  package func pieceEnds(_ scalars: [Unicode.Scalar]) -> [Int] {
    var scan = PieceScanner(scalars)
    switch self {
    case .gpt2: scan.split { $0.gpt2($1) }
    case .digitsThenGPT2:
      scan.isolate { $0.run($1, atMost: 1) { $0 == .number } }
      scan.split { $0.gpt2($1) }
    case .llama3(let numbers): scan.split { $0.llama3($1, numbers: numbers) }
    case .llamaCppDefault:
      scan.isolate { $0.punctuationRun($1) }
      scan.split { $0.gpt2($1) }
      scan.isolate { $0.run($1) { $0 == .number } }
      scan.isolate { $0.asciiDigits($1, exactly: 3) }
    }
    return scan.ends
  }
}
