import Foundation
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbCertification

/// Certified cosines beside those of PyTorch in Float64 (`Tests/Fixtures/similarities.py`).
@Suite struct SimilarityTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")
  private static let path = fixtures.appending(path: "tiny-bert")

  private static func model() throws -> LoadedModel {
    try LoadedModel.open(path: path.path(percentEncoded: false))
  }

  private struct Expected {
    var texts: [(text: String, tokens: [Int])] = []
    var cosines: [Pooling: [(first: Int, second: Int, cosine: Double)]] = [:]

    init(_ path: URL = path) throws {
      let lines = try String(contentsOf: path.appending(path: "cosines.txt"), encoding: .utf8).split(separator: "\n")
      for line in lines where !line.hasPrefix("#") {
        let columns = line.split(separator: "\t").map(String.init)
        guard let pooling = Pooling(rawValue: columns[0]) else {
          texts.append((columns[1], columns[2].split(separator: " ").compactMap { Int($0) }))
          continue
        }
        let (first, second) = (try #require(Int(columns[1])), try #require(Int(columns[2])))
        cosines[pooling, default: []].append((first, second, try #require(Double(columns[3]))))
      }
    }
  }

  @Test func tokensAreThoseOfTokenizers() throws {
    let model = try Self.model()
    let texts = try Expected().texts
    #expect(texts.count == 6)
    for (text, tokens) in texts { #expect(try model.tokenizer.encode(text) == tokens, "\(text)") }
  }

  /// Hidden states of PyTorch lie within 1e-12 of the greatest magnitude of theirs (`FamilyTests`).
  ///
  /// So a row of 16 elements lies within 4e-12 of it, and turns by no more than that over its length. A cosine moves by no more
  /// than both rows turn: by 8e-12 times the greatest magnitude over the lesser length, a quotient that is asked to be at most 2.
  @Test(arguments: Pooling.allCases) func cosinesAreThoseOfPyTorch(pooling: Pooling) throws {
    let (model, expected) = (try Self.model(), try Expected())
    for (_, tokens) in expected.texts {
      var rows: Activation<Ball>?
      try Reference.TensorPass(model.transformer, precision: 128).run(tokens) {
        if $0 == model.transformer.rows { rows = $1 }
      }
      let hidden = try #require(rows)
      let pooled = Reference.pooled(hidden, pooling, precision: 128)
      let squares = pooled.elements.reduce(Rational(0)) { $0 + $1.midpoint * $1.midpoint }
      let greatest = try #require(hidden.elements.map(\.midpoint.magnitude).max())
      #expect(greatest * greatest < squares * 4)
    }
    let pass = SimilarityPass(model: model, texts: expected.texts.map(\.tokens), pooling: pooling, digits: 30)
    let (pairs, _) = try pass.pairs()
    #expect(pairs.count == 15)
    for (pair, other) in zip(pairs, try #require(expected.cosines[pooling])) {
      #expect(pair.first == other.first && pair.second == other.second)
      let distance = (pair.cosine.midpoint - (try #require(Rational(exactly: other.cosine)))).magnitude
      #expect(distance < (try #require(Rational(exactly: 16e-12))), "\(pair): \(other)")
    }
  }

  /// The products behind the pooling of EmbeddingGemma, from the folder and from the file that llama.cpp's converter made of it.
  ///
  /// Each element of PyTorch's hidden states is off by 1e-12 of the greatest magnitude at most (`FamilyTests`), and so is the mean; a
  /// product multiplies that by the sum of its weights' magnitudes. A cosine moves by no more than both rows turn, each by at most
  /// twice its error over its length.
  @Test(arguments: ["", "/model.gguf"]) func productsFollowThePooling(file: String) throws {
    let path = Self.fixtures.appending(path: "tiny-embeddinggemma")
    let model = try LoadedModel.open(path: path.path(percentEncoded: false) + file)
    let (settings, expected) = (try model.sentenceSettings(), try Expected(path))
    #expect(settings.pooling == .mean && settings.products.map(\.weight.shape) == [[24, 16], [16, 24]])
    let tokens = expected.texts.map(\.tokens)
    let (pairs, _) = try SimilarityPass(
      model: model, texts: tokens, pooling: .mean, products: settings.products, digits: 30
    ).pairs()
    func turn(_ tokens: [Int]) throws -> Double {
      var rows: Activation<Ball>?
      try Reference.TensorPass(model.transformer, precision: 128).run(tokens) {
        if $0 == model.transformer.rows { rows = $1 }
      }
      let hidden = try #require(rows)
      var row = Reference.pooled(hidden, .mean, precision: 128)
      var errors = row.elements.map { _ in 1e-12 }
      for product in settings.products {
        row = try Reference.linear(row, product, precision: 128)
        let magnitudes = try Reference.linearMagnitudes(
          Activation(shape: [1, errors.count], elements: try errors.map { Ball(try #require(Rational(exactly: $0))) }),
          product.weight)
        errors = magnitudes.elements.map(\.doubleRoundedUp)
      }
      let greatest = hidden.elements.map(\.midpoint.magnitude.doubleRoundedUp).max() ?? 0
      let length = row.elements.reduce(0.0) { $0 + $1.midpoint.doubleRoundedUp * $1.midpoint.doubleRoundedUp }
      return 2 * greatest * (errors.reduce(0) { $0 + $1 * $1 } / length).squareRoot()
    }
    let turns = try tokens.map(turn)
    let without = try SimilarityPass(model: model, texts: tokens, pooling: .mean, digits: 30).pairs().pairs
    for (place, other) in try #require(expected.cosines[.mean]).enumerated() {
      let exact = try #require(Rational(exactly: other.cosine))
      let bound = try #require(Rational(exactly: turns[other.first] + turns[other.second]))
      #expect((pairs[place].cosine.midpoint - exact).magnitude < bound)
      #expect((without[place].cosine.midpoint - exact).magnitude > bound)
    }
    let report = try SimilarityReport(
      model: model, texts: expected.texts, pooling: .mean, products: settings.products, digits: 20)
    #expect(report.products == 2 && report.pairs.count == 3)
    for pair in report.pairs {
      let other = try #require(expected.cosines[.mean]?.first { $0.first == pair.first && $0.second == pair.second })
      let engine = try #require(Double(pair.engine))
      #expect(abs(engine - other.cosine) <= pair.distance + turns[pair.first] + turns[pair.second])
      // The engine goes through the products, too.
      let bare = try #require(without.first { $0.first == pair.first && $0.second == pair.second }).cosine
      #expect(pair.distance < abs(engine - bare.midpoint.doubleRoundedUp))
    }
  }

  /// Enclosures of one number meet, and are as narrow as they were asked to be.
  @Test func moreDigitsAreOfTheSameNumber() throws {
    let (model, texts) = (try Self.model(), try Expected().texts.map(\.tokens))
    let few = try SimilarityPass(model: model, texts: texts, pooling: .mean, digits: 5).pairs()
    let many = try SimilarityPass(model: model, texts: texts, pooling: .mean, digits: 80).pairs()
    #expect(few.precision < many.precision)
    for (wide, narrow) in zip(few.pairs, many.pairs) {
      #expect(wide.cosine.radius * 2 < Rational(1, over: Integer(10).power(5)))
      #expect(narrow.cosine.radius * 2 < Rational(1, over: Integer(10).power(80)))
      #expect(wide.cosine.lower <= narrow.cosine.upper && narrow.cosine.lower <= wide.cosine.upper)
    }
  }

  /// The order of the report is that of PyTorch's cosines, of which no two lie closer than a hundred times their error.
  @Test func theOrderIsProved() throws {
    let (model, expected) = (try Self.model(), try Expected())
    let report = try SimilarityReport(model: model, texts: expected.texts, pooling: .mean, digits: 20)
    let order = try #require(expected.cosines[.mean]).sorted { $0.cosine > $1.cosine }
    #expect(zip(order, order.dropFirst()).allSatisfy { $0.cosine - $1.cosine > 2e-9 })
    #expect(report.pairs.map { [$0.first, $0.second] } == order.map { [$0.first, $0.second] })
    #expect(report.pairs.dropLast().allSatisfy { $0.isNearerThanNext == .proved })
    #expect(report.pairs.last?.isNearerThanNext == nil && report.engineNearest == .proved && !report.isFailed)
    for (pair, other) in zip(report.pairs, order) {
      let engine = try #require(Double(pair.engine))
      #expect(abs(engine - other.cosine) <= pair.distance + 16e-12)
    }
  }

  /// Neither of two equal cosines is the greater, however many digits there are.
  @Test func equalPairsAreUndecided() throws {
    let model = try Self.model()
    let texts = [("hum", [2, 7, 3]), ("hum", [2, 7, 3]), ("a fan", [2, 9, 11, 3])]
    let report = try SimilarityReport(model: model, texts: texts, pooling: .mean, digits: 20)
    #expect(report.pairs.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
    #expect(report.pairs.map(\.isNearerThanNext) == [.proved, .undecided, nil])
    #expect(Double(report.pairs[0].exact) == 1)
  }

  @Test func aChoiceIsProvedRefutedOrLeftOpen() {
    func ball(_ lower: Int, _ upper: Int) -> Ball {
      Ball(lower: Rational(Integer(lower), over: 100), upper: Rational(Integer(upper), over: 100))
    }
    let exact = [ball(10, 20), ball(50, 60), ball(55, 70)]
    #expect(SimilarityReport.nearest([0.5, 0.2, 0.3], exact) == .refuted)
    #expect(SimilarityReport.nearest([0.1, 0.2, 0.3], exact) == .undecided)
    #expect(SimilarityReport.nearest([0.1, 0.2, 0.3], [exact[0], exact[1], ball(61, 70)]) == .proved)
    #expect(SimilarityReport.nearest([0.1, .nan, 0.3], exact) == .undecided)
    #expect(SimilarityReport.nearest([0.1], [exact[0]]) == .proved)
  }

  /// A decoder's rows are those behind its last norm.
  @Test func decodersHaveRowsToo() throws {
    let report = try SimilarityReport(
      model: .seeded, texts: [("a", [97]), ("ab", [97, 98]), ("zz", [122, 122])], pooling: .last, digits: 10)
    #expect(report.pairs.count == 3 && report.pairs.allSatisfy { $0.distance < 1e-5 })
  }

  @Test func aCancelledPassEnds() throws {
    let model = try Self.model()
    #expect(throws: CertificationError.interrupted(checkpoint: nil)) {
      try SimilarityPass(model: model, texts: [[2, 3], [2, 7, 3]], pooling: .mean, digits: 20)
        .pairs(isCancelled: { true })
    }
  }
}
