import ArgumentParser
import PlumbCases
import PlumbModel

/// The attributes that `--attribute` names, each as `name=value`.
enum AttributeArguments {
  /// The attributes that every case of `layers` has.
  ///
  /// - Throws: `ValidationError` that names the part that is wrong.
  static func fixed(_ arguments: [String], of layers: [LayerKind]) throws -> FixedAttributes {
    var texts: [String: String] = [:]
    for argument in arguments {
      guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
        throw ValidationError("'--attribute \(argument)' is not name=value, such as scheme=q8_0.")
      }
      let name = String(argument[..<equals])
      guard texts.updateValue(String(argument[argument.index(after: equals)...]), forKey: name) == nil else {
        throw ValidationError("The attribute '\(name)' is given twice.")
      }
    }
    do throws(FixedAttributesError) {
      return try FixedAttributes(texts, of: layers)
    } catch {
      throw ValidationError("'--attribute': \(error.problem).")
    }
  }
}
