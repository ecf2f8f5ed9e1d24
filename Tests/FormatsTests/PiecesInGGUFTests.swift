import Foundation
import PlumbFormats
import Testing

/// Pieces of words and unigrams in GGUF files, beside the programs that they are from.
@Suite struct PiecesInGGUFTests {
  /// The vocabulary of `tiny-bert` as llama.cpp's converter writes it: a mark before each word's first piece, none before others.
  private static func words() throws -> GGUFWriter {
    struct Contents: Decodable {
      struct Model: Decodable { let vocab: [String: Int] }
      let model: Model
    }
    let file = Fixture.folder.appending(path: "tiny-bert/tokenizer.json")
    let numbers = try JSONDecoder().decode(Contents.self, from: Data(contentsOf: file)).model.vocab
    let tokens = numbers.sorted { $0.value < $1.value }.map(\.key)
    func isControl(_ token: String) -> Bool { token.hasPrefix("[") }
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("bert"))
    writer.set(
      "tokenizer.ggml.tokens",
      .strings(tokens.map { isControl($0) ? $0 : $0.hasPrefix("##") ? String($0.dropFirst(2)) : "\u{2581}" + $0 }))
    writer.set("tokenizer.ggml.token_type", .int32s(tokens.map { isControl($0) ? 3 : 1 }))
    for (name, token) in [("bos", "[CLS]"), ("seperator", "[SEP]"), ("unknown", "[UNK]")] {
      writer.set("tokenizer.ggml.\(name)_token_id", .uint32(UInt32(try #require(numbers[token]))))
    }
    return writer
  }

  @Test func wordsAreThoseOfTokenizers() throws {
    let tokenizer = try Self.words().read().tokenizer()
    var compared = 0
    for line in try Fixture.lines("tiny-bert/cosines.txt") where line.hasPrefix("text\t") {
      let columns = line.split(separator: "\t")
      #expect(try tokenizer.encode(String(columns[1])) == columns[2].split(separator: " ").compactMap { Int($0) })
      compared += 1
    }
    #expect(compared == 6)
    #expect(try tokenizer.text(of: tokenizer.encode("a loud fan, cold").dropFirst().dropLast()) == " a loud fan , cold")
  }

  /// A word of more than a hundred letters is cut; letters keep their case where the file says so.
  @Test func rulesAreThoseOfTheFile() throws {
    var writer = try Self.words()
    let tokenizer = try writer.read().tokenizer()
    let long = try tokenizer.encode("fan" + String(repeating: "ing", count: 50))
    #expect(long.count == 53 && Set(long.dropFirst(2).dropLast()).count == 1)
    #expect(try tokenizer.encode("FÁN") == tokenizer.encode("fan"))
    writer.set("tokenizer.ggml.normalizer.lowercase", .bool(false))
    let cased = try writer.read().tokenizer()
    #expect(try cased.encode("FAN") == cased.encode("[UNK]", parseSpecial: true))
    #expect(try cased.encode("fán") == cased.encode("[UNK]", parseSpecial: true))
    writer.set("tokenizer.ggml.normalizer.strip_accents", .bool(true))
    #expect(try writer.read().tokenizer().encode("fán") == tokenizer.encode("fan"))
    for key in ["bos", "seperator", "unknown"] {
      writer.set("tokenizer.ggml.\(key)_token_id", .uint32(1000))
      let error = #expect(throws: ModelError.self) { try writer.read().tokenizer() }
      #expect(error?.description.contains(key) == true, "\(String(describing: error))")
      writer.set("tokenizer.ggml.\(key)_token_id", .uint32(1))
    }
  }

  private static func unigrams() throws -> GGUFWriter {
    var (tokens, types, scores) = ([String](), [Int32](), [Float]())
    var map: [UInt8] = []
    for line in try Fixture.lines("unigram-pieces.txt") {
      let columns = line.split(separator: " ", maxSplits: 2)
      if columns[0] == "map" {
        let digits = Array(columns[1])
        map = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
        continue
      }
      types.append(try #require(Int32(columns[0])))
      scores.append(try #require(Float(columns[1])))
      tokens.append(try Fixture.unescaped(columns[2].dropFirst()))
    }
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("t5"))
    writer.set("tokenizer.ggml.tokens", .strings(tokens))
    writer.set("tokenizer.ggml.token_type", .int32s(types))
    writer.set("tokenizer.ggml.scores", .float32s(scores))
    writer.set("tokenizer.ggml.unknown_token_id", .uint32(0))
    writer.set("tokenizer.ggml.add_eos_token", .bool(false))
    writer.set("tokenizer.ggml.remove_extra_whitespaces", .bool(true))
    let count = UInt64(map.count)
    writer.set(
      "tokenizer.ggml.precompiled_charsmap",
      .raw(type: 9, [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + map))
    return writer
  }

  @Test func unigramsAreThoseOfSentencePiece() throws {
    let tokenizer = try Self.unigrams().read().tokenizer()
    var compared = 0
    for line in try Fixture.lines("unigram-pieces-cases.txt") {
      let columns = line.dropFirst().split(separator: "\t", omittingEmptySubsequences: false)
      let tokens = try tokenizer.encode(Fixture.unescaped(columns[0]))
      #expect(tokens == columns[1].split(separator: " ").compactMap { Int($0) }, "\(columns[0])")
      compared += 1
    }
    #expect(compared == 300)
  }

  @Test func framesAndMapsAreThoseOfTheFile() throws {
    var writer = try Self.unigrams()
    let server = try writer.read().tokenizer().encode("server")
    writer.set("tokenizer.ggml.add_bos_token", .bool(true))
    writer.set("tokenizer.ggml.bos_token_id", .uint32(1))
    writer.set("tokenizer.ggml.add_eos_token", nil)
    writer.set("tokenizer.ggml.eos_token_id", .uint32(2))
    #expect(try writer.read().tokenizer().encode("server") == [1] + server + [2])
    writer.set("tokenizer.ggml.precompiled_charsmap", .raw(type: 9, [0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]))
    let error = #expect(throws: ModelError.self) { try writer.read().tokenizer() }
    #expect(error?.description.contains("precompiled_charsmap") == true)
  }

  /// The folder of llama.cpp's own vocabularies and of what it makes of texts (`models` in its sources), where there is one.
  private static let vocabularies = ProcessInfo.processInfo.environment["PLUMB_VOCABULARIES"]

  @Test(.enabled(if: vocabularies != nil)) func theFilesOfLlamaCppAgree() throws {
    let file = "\(try #require(Self.vocabularies))/ggml-vocab-bert-bge.gguf"
    let tokenizer = try GGUFFile(bytes: MappedFile(path: file), file: file).tokenizer()
    let texts = try String(contentsOfFile: "\(file).inp", encoding: .utf8)
      .components(separatedBy: "\n__ggml_vocab_test__\n")
    let lines = try String(contentsOfFile: "\(file).out", encoding: .utf8).components(separatedBy: "\n")
    for (text, line) in zip(texts, lines) {
      let tokens = try tokenizer.encode(text).dropFirst().dropLast()
      #expect(tokens.elementsEqual(line.split(separator: " ").compactMap { Int($0) }), "\(text)")
    }
    #expect(texts.count > 40)
  }
}
