/// The three commands that most people want, for those who call `plumb` alone.
enum FirstSteps {
  /// Lines of at most 80 columns.
  static let text = """
    plumb: is it a bug, or is it rounding?

      plumb drift --prompt "Plumb."
          each layer of the model that ships: its drift, and what rounding may do
      plumb fuzz softmax --engine "python3 engine.py"
          hostile cases at a kernel of yours, each element held to a proved bound
      plumb grade MODEL DUMP --tokens 1,2,3
          a dump of another engine: the first layer that rounding cannot explain

    'plumb help' has all commands, 'plumb explain' the words of their reports, and
    'plumb doctor' says what this machine has.
    """
}
