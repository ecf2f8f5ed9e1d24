import PlumbLayers
import PlumbModel
import PlumbVerdicts

/// A bug planted in a layer, whichever it is.
package struct PlantedBug<Context: BugContext>: Sendable {
  private let make: @Sendable (CaseInput<Context>) -> any LayerFormula<Context>
  private var plant: @Sendable (inout any LayerFormula<Context>) -> Void
  private let spoil: @Sendable (inout Activation<Context.Number>, Context) -> Void

  init<Form: Plantable>(_ bug: Bug<Form>) where Form.Context == Context {
    make = { Form(reading: $0) }
    plant = { layer in
      guard let plant = bug.plant, var own = layer as? Form else { return }
      plant(&own)
      layer = own
    }
    spoil = bug.spoil
  }

  /// Both this bug and then `other`, each of which changes the formula of one layer.
  func with(_ other: PlantedBug) -> PlantedBug {
    var both = self
    both.plant = { [first = plant] layer in
      first(&layer)
      other.plant(&layer)
    }
    return both
  }

  /// The output of the layer with the bug.
  package func result(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    var layer = make(input)
    plant(&layer)
    var output = layer.forward()
    spoil(&output, input.context)
    return output
  }
}
