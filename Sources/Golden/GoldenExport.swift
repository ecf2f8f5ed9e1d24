import Foundation
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// The suite as safetensors with a manifest, for tests in any language.
///
/// The form is documented in the library's documentation, page Golden.
package struct GoldenExport: Sendable, Encodable {
  /// Changes when a key changes its meaning or goes away.
  let schema = 1
  /// The version of the golden files.
  let goldenVersion = GoldenFile.version
  /// The cases, in the order of the files.
  let cases: [Case]

  struct Case: Sendable, Encodable {
    let name: String
    let note: String
    let file: String
    let layer: String?
    let model: String?
    let arithmetic: String
    let attributes: [String: Value]
    let inputs: [String: Reference]
    let outputs: [String: Output]
  }

  /// An attribute as JSON's own number, boolean or string.
  enum Value: Sendable, Encodable {
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .flag(let flag): try container.encode(flag)
      case .integer(let integer): try container.encode(integer)
      case .number(let number): try container.encode(number)
      case .text(let text): try container.encode(text)
      }
    }
  }

  struct Reference: Sendable, Encodable {
    let tensor: String
    let shape: [Int]
  }

  /// The names of an output's tensors.
  struct Output: Sendable, Encodable {
    let shape: [Int]
    let expected, lower, upper, bound, least, greatest: String
  }

  /// The names of the files that are written, the manifest last.
  package static var fileNames: [String] { GoldenFile.Subject.all.map(fileName) + [manifestName] }

  private static let manifestName = "manifest.json"

  private static func fileName(_ subject: GoldenFile.Subject) -> String { "\(subject.name).safetensors" }

  /// Writes `files` into `directory`: a safetensors file each, and last the manifest.
  ///
  /// - Returns: the manifest.
  /// - Throws: `ModelError` where a file cannot be written.
  @discardableResult
  package static func write(_ files: [GoldenFile], to directory: String) throws -> GoldenExport {
    // Where the folder cannot be made, writing the first file says why.
    try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    var cases: [Case] = []
    for file in files {
      var writer = SafeTensorsWriter()
      writer.metadata = ["subject": file.subject.name, "arithmetic": file.arithmetic]
      let fileName = fileName(file.subject)
      for record in file.cases { cases.append(add(record, of: file, fileName, to: &writer)) }
      try writer.write(to: "\(directory)/\(fileName)")
    }
    let manifest = GoldenExport(cases: cases)
    try AtomicFile.write(
      Array((try ReportJSON.text(of: manifest) + "\n").utf8), to: "\(directory)/\(manifestName)")
    return manifest
  }

  private static func add(
    _ record: GoldenRecord, of file: GoldenFile, _ fileName: String, to writer: inout SafeTensorsWriter
  ) -> Case {
    var inputs: [String: Reference] = [:]
    for input in record.tensors {
      let name = "\(record.name)/\(input.name)"
      switch input.tensor {
      case .real(let activation): writer.add(name, shape: activation.shape, activation.elements)
      case .integer(let activation): writer.add(name, shape: activation.shape, activation.elements)
      }
      inputs[input.name] = Reference(tensor: name, shape: input.tensor.shape)
    }
    var outputs: [String: Output] = [:]
    for output in record.outputs {
      func name(_ part: String) -> String { "\(record.name)/\(output.name).\(part)" }
      let elements = output.elements
      writer.add(name("expected"), shape: output.shape, elements.map { $0?.nearest ?? .nan })
      writer.add(name("lower"), shape: output.shape, elements.map { $0?.exact.lower.doubleRoundedDown ?? -.infinity })
      writer.add(name("upper"), shape: output.shape, elements.map { $0?.exact.upper.doubleRoundedUp ?? .infinity })
      writer.add(name("bound"), shape: output.shape, elements.map { $0?.bound ?? .infinity })
      writer.add(name("least"), shape: output.shape, elements.map { $0?.least ?? .nan })
      writer.add(name("greatest"), shape: output.shape, elements.map { $0?.greatest ?? .nan })
      outputs[output.name] = Output(
        shape: output.shape, expected: name("expected"), lower: name("lower"), upper: name("upper"),
        bound: name("bound"), least: name("least"), greatest: name("greatest"))
    }
    let layer: LayerKind? = if case .layer(let layer) = file.subject { layer } else { nil }
    return Case(
      name: "\(file.subject.name)/\(record.name)", note: record.note, file: fileName, layer: layer?.rawValue,
      model: layer == nil ? file.subject.name : nil, arithmetic: file.arithmetic,
      attributes: Dictionary(uniqueKeysWithValues: record.attributes.map { ($0.name, value($0, of: layer)) }),
      inputs: inputs, outputs: outputs)
  }

  private static func value(_ attribute: GoldenRecord.Attribute, of layer: LayerKind?) -> Value {
    let slot = layer.flatMap { layer in
      Catalogue.signature(of: layer).attributes.first { $0.name == attribute.name }
    }
    if let slot {
      switch AttributeValue(attribute.value, like: slot.defaultValue) {
      case .flag(let flag): return .flag(flag)
      case .integer(let integer): return .integer(integer)
      // The same number in Float64: whoever reads it in either format has exactly the attribute.
      case .real(let real): return .number(Double(real))
      case .word, nil: return .text(attribute.value)
      }
    }
    if let flag = Bool(attribute.value) { return .flag(flag) }
    if let integer = Int(attribute.value) { return .integer(integer) }
    if attribute.value.hasPrefix("0x"), let number = Double(attribute.value) { return .number(number) }
    return .text(attribute.value)
  }
}

extension GoldenElement {
  /// The least Float32 that may lie within the bound; NaN where nothing is claimed.
  ///
  /// A Float32 below it is proved to be outside: it is below every number of the ball less the bound.
  var least: Float { limit(exact.lower, -1, .up) }

  /// The greatest Float32 that may lie within the bound; NaN where nothing is claimed.
  var greatest: Float { limit(exact.upper, 1, .down) }

  private func limit(_ end: Rational, _ sign: Rational, _ rule: FloatingPointRoundingRule) -> Float {
    guard let bound, let distance = Rational(exactly: bound) else { return .nan }
    return (end + sign * distance).rounded(to: Float.self, rule)
  }
}
