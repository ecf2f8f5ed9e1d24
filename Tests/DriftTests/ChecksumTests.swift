import Foundation
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbCertification
@testable import PlumbDrift
@testable import PlumbGolden

/// Files that are read back and believed: one changed byte is refused.
@Suite struct ChecksumTests {
  /// Some of `bytes`, each with one byte changed, and the place.
  private static func changed(_ bytes: [UInt8], samples: Int) -> [(place: Int, bytes: [UInt8])] {
    var source = SplitMix64(seed: UInt64(bytes.count))
    return (0..<samples).map { _ in
      var other = bytes
      let place = Int(source.next() % UInt64(bytes.count))
      // A low bit leaves many digits digits.
      other[place] ^= source.next() % 4 == 0 ? UInt8(1 + source.next() % 255) : 1
      return (place, other)
    }
  }

  @Test func goldens() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let whole = Array(try Data(contentsOf: root.appending(path: "Golden/relu.golden")))
    for (place, bytes) in Self.changed(whole, samples: 60) {
      guard let text = String(validating: bytes, as: UTF8.self) else { continue }
      #expect(throws: GoldenError.self, "byte \(place)") { try GoldenFile(text: text, file: "relu.golden") }
    }
  }

  @Test func baselines() throws {
    let report = try DriftMeasurement(model: .seeded, tokens: [80], blocks: 0...1).report()
    let whole = Array(try Baseline(report).text.utf8)
    let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(whole).write(to: path)
    #expect(try Baseline(path: path.path(percentEncoded: false)).activations.count == report.activations.count)
    for (place, bytes) in Self.changed(whole, samples: 200) {
      try Data(bytes).write(to: path)
      #expect(throws: BaselineError.self, "byte \(place)") { try Baseline(path: path.path(percentEncoded: false)) }
    }
  }

  @Test func checkpoints() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: path) }
    let (name, model) = (path.path(percentEncoded: false), LoadedModel.seeded)
    let width = model.transformer.hiddenSize
    let balls = (0..<width).map { index in
      Ball(
        midpoint: Rational(significand: Integer(3 * index - 40), exponent: -70),
        radius: Rational(significand: Integer(index), exponent: -90))
    }
    let hidden = Activation(shape: [1, width], elements: balls)
    try CheckpointFile.write(
      .init(blocks: 1, hidden: hidden), precision: 90, fingerprint: model.fingerprint, tokens: [80], to: name)
    func read() throws -> [Ball]? {
      try CheckpointFile.read(
        name,
        .init(
          fingerprint: model.fingerprint, tokens: [80], blocks: model.transformer.blocks.count, hiddenSize: width))?
        .checkpoint.hidden.elements
    }
    #expect(try read() == balls)
    let whole = Array(try Data(contentsOf: path))
    for (place, bytes) in Self.changed(whole, samples: 200) {
      try Data(bytes).write(to: path)
      #expect(throws: CertificationError.self, "byte \(place)") { try read() }
    }
  }

  @Test func dumps() throws {
    var writer = SafeTensorsWriter()
    writer.metadata = ["note": "\"plumbline.sha256\":\""]
    writer.add("x", shape: [40], (0..<40).map { Float($0) / 7 })
    let whole = writer.sealedBytes()
    let numbers = try SafeTensors(bytes: WeightArray(whole), file: "f")["x"].map {
      try Activation<Float>($0, file: "f")
    }
    let start = try #require(whole.firstRange(of: Array("\"plumbline.sha256\":\"".utf8))).lowerBound
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 1
      let file = try? SafeTensors(bytes: WeightArray(bytes), file: "f")
      // A key of another name is no checksum; the tensors are what they were.
      guard start..<start + 18 ~= place, let file else {
        #expect(file == nil, "byte \(place)")
        continue
      }
      #expect(try file["x"].map { try Activation<Float>($0, file: "f") }?.elements == numbers?.elements)
    }
    // What others wrote has none.
    #expect(try SafeTensors(bytes: WeightArray(writer.bytes()), file: "f").entries.count == 1)
  }
}
