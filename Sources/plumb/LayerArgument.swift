import ArgumentParser
import PlumbModel
import PlumbVerdicts

/// The argument that names a layer, or is the text of a formula.
enum LayerArgument {
  /// The layer of `text`.
  static func layer(_ text: String) throws(ValidationError) -> LayerKind {
    do throws(LayerNameError) {
      return try Catalogue.layer(named: text)
    } catch {
      throw ValidationError(error.description.prefix(1).uppercased() + error.description.dropFirst() + ".")
    }
  }

  /// The layers of `text`, which may be `all`.
  static func layers(_ text: String) throws(ValidationError) -> [LayerKind] {
    if text == "all" { return LayerKind.allCases }
    do throws(LayerNameError) {
      return [try Catalogue.layer(named: text)]
    } catch {
      let rest = text.contains(":") ? "." : " and all."
      throw ValidationError(error.description.prefix(1).uppercased() + error.description.dropFirst() + rest)
    }
  }
}
