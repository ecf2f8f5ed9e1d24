import PlumbModel
import PlumbTolerance

/// A bug in exact arithmetic: an enclosure of what the layer with it gives, and a bound of what an engine that has it may
/// be off by.
package struct EnclosedBug: Sendable {
  private let make: @Sendable (PlainInput<Enclosed>) -> any PlainForm<Enclosed>
  private var plant: @Sendable (inout any PlainForm<Enclosed>) -> Void
  private let spoil: @Sendable (inout Activation<Enclosed>) -> Void

  init<Form: PlainForm>(_ bug: Bug<Form>) where Form.Number == Enclosed {
    make = { Form(reading: $0) }
    plant = { form in
      guard let plant = bug.plant, var own = form as? Form else { return }
      plant(&own)
      form = own
    }
    spoil = bug.spoil
  }

  /// Both this bug and then `other`, each of which changes the plain form of one layer.
  func with(_ other: EnclosedBug) -> EnclosedBug {
    var both = self
    both.plant = { [first = plant] form in
      first(&form)
      other.plant(&form)
    }
    return both
  }

  /// What the layer with the bug gives of `input` in `arithmetic`.
  package func result(_ input: PlainInput<Enclosed>, in arithmetic: ArithmeticModel) -> Activation<Enclosed> {
    Enclosed.$arithmetic.withValue(arithmetic) {
      var form = make(input)
      plant(&form)
      var output = form.result()
      spoil(&output)
      return output
    }
  }
}
