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
      throw ValidationError(sentence(error))
    }
  }

  /// The layers of `text`, which may be `all`.
  static func layers(_ text: String) throws(ValidationError) -> [LayerKind] {
    if text == "all" { return LayerKind.allCases }
    do throws(LayerNameError) {
      return [try Catalogue.layer(named: text)]
    } catch {
      throw ValidationError(sentence(error, more: text.contains(":") ? "" : " and all"))
    }
  }

  /// The error as a sentence, with `more` behind a list of layers.
  private static func sentence(_ error: LayerNameError, more: String = "") -> String {
    let text = error.description.prefix(1).uppercased() + error.description.dropFirst()
    return text.hasSuffix("?") ? text : text + more + "."
  }
}
