import PlumbFormats
import PlumbModel

/// A case as a safetensors file: its tensors by name, and in the metadata `layer` and one `attribute.NAME` each.
///
/// Other metadata means nothing here. Inputs may be F32, F16, BF16 or F64 that a Float32 can hold; indices I64 or I32.
extension LayerCase {
  /// The prefix of the metadata that hold attributes.
  static let attributePrefix = "attribute."

  /// The case in `file`, which `name` names in messages.
  ///
  /// `layer` may stand in the file or be given, and `attributes` are added to those of the file or replace them.
  ///
  /// - Throws: `CaseFileError` where the file names no layer or another than the given one, an attribute is unknown or has
  ///   no value of its kind, or a tensor is unknown or holds elements of another type; `CheckedCase` says the rest.
  package init(
    _ file: SafeTensors, name: String, layer given: LayerKind? = nil, attributes: [String: String] = [:]
  ) throws(CaseFileError) {
    let layer = try Self.layer(of: file, name: name, given: given)
    let signature = Catalogue.signature(of: layer)
    self.init(layer: layer, tensors: [:])
    var texts: [String: String] = [:]
    for (key, text) in file.metadata where key.hasPrefix(Self.attributePrefix) {
      texts[String(key.dropFirst(Self.attributePrefix.count))] = text
    }
    for (key, text) in texts.merging(attributes, uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
      self.attributes[key] = try Self.attribute(key, text, signature, name: name)
    }
    for entry in file.entries {
      guard let slot = signature.tensors.first(where: { $0.name == entry.name }) else {
        throw CaseFileError(
          name,
          "\(layer.rawValue) takes no tensor '\(entry.name)', only "
            + signature.tensors.map { "\($0.name) [\($0.shape.joined(separator: ", "))]" }.joined(separator: ", "))
      }
      tensors[entry.name] =
        slot.below == nil
        ? .real(try Activation<Float>(entry, file: name)) : .integer(try Activation<Int>(entry, file: name))
    }
  }

  private static func layer(
    of file: SafeTensors, name: String, given: LayerKind?
  ) throws(CaseFileError) -> LayerKind {
    guard let text = file.metadata["layer"] else {
      guard let given else { throw CaseFileError(name, "the metadata names no 'layer'") }
      return given
    }
    let found: LayerKind
    do throws(LayerNameError) { found = try Catalogue.layer(named: text) } catch {
      throw CaseFileError(name, "the metadata name no layer: \(error)")
    }
    guard given == nil || given == found else {
      throw CaseFileError(name, "a case of \(found.rawValue), expected one of \(given?.rawValue ?? "")")
    }
    return found
  }

  /// The value of the attribute `key` that `text` writes.
  ///
  /// - Throws: `CaseFileError`, about `name`, where the layer has no such attribute, or the text is no value of its kind.
  package static func attribute(
    _ key: String, _ text: String, _ signature: LayerSignature, name: String
  ) throws(CaseFileError) -> AttributeValue {
    guard let slot = signature.attributes.first(where: { $0.name == key }) else {
      let known = signature.attributes.map(\.name)
      throw CaseFileError(
        name,
        "\(signature.layer.rawValue) has no attribute '\(key)', "
          + (known.isEmpty ? "it takes none" : "only \(known.joined(separator: ", "))"))
    }
    guard let value = AttributeValue(text, like: slot.defaultValue) else {
      throw CaseFileError(name, "attribute '\(key)' is '\(text)', expected \(slot.defaultValue.kind)")
    }
    return value
  }

  /// The case as a file: every attribute is written, those that have their default value too, so that whoever reads it
  /// need not know the defaults.
  package func safeTensors() -> SafeTensorsWriter {
    var writer = SafeTensorsWriter()
    writer.metadata["layer"] = layer.rawValue
    for slot in Catalogue.signature(of: layer).attributes {
      writer.metadata[Self.attributePrefix + slot.name] = (attributes[slot.name] ?? slot.defaultValue).text
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      switch tensor {
      case .real(let activation): writer.add(name, shape: activation.shape, activation.elements)
      case .integer(let activation): writer.add(name, shape: activation.shape, activation.elements)
      }
    }
    return writer
  }
}
