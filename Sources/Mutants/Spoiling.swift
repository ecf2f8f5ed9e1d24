import PlumbModel

/// A way to spoil an output that was right, whatever the layer.
enum Spoiling {
  case rowTailSkipped
  case vectorTailSkipped
  case firstRowRepeated

  var name: String {
    switch self {
    case .rowTailSkipped: "row-tail-skipped"
    case .vectorTailSkipped: "vector-tail-skipped"
    case .firstRowRepeated: "first-row-repeated"
    }
  }

  var sentence: String {
    switch self {
    case .rowTailSkipped: "The last element of each row is left 0."
    case .vectorTailSkipped: "Elements that do not fill a vector of eight are left 0."
    case .firstRowRepeated: "Every row is the first row's result."
    }
  }

  func spoil<Number>(_ output: inout Activation<Number>, zero: Number) {
    let columns = output.columns
    switch self {
    case .rowTailSkipped:
      for row in 0..<output.rows where columns > 0 { output.elements[row * columns + columns - 1] = zero }
    case .vectorTailSkipped:
      for index in output.elements.count / 8 * 8..<output.elements.count { output.elements[index] = zero }
    case .firstRowRepeated:
      for index in output.elements.indices { output.elements[index] = output.elements[index % columns] }
    }
  }
}
