/// A printer's checked options.
public struct PrinterRecipe: SinkRecipe, Equatable {
  /// Default text.
  public var format: PrintFormat
  /// Default auto.
  public var color: PrintColor
  /// Whether `text` and `raw` lines begin with `path: `, for when several files are followed. No config asks for it.
  public var prefixesPath: Bool

  /// A printer to standard output.
  public init(format: PrintFormat = .text, color: PrintColor = .auto, prefixesPath: Bool = false) {
    self.format = format
    self.color = color
    self.prefixesPath = prefixesPath
  }

  public var summary: String {
    var words = ["printer"]
    switch format {
    case .text: break
    case .raw: words.append("raw")
    case .json: words.append("json")
    case .template: words.append("template")
    }
    if color != .auto { words.append("color \(color.rawValue)") }
    return words.joined(separator: " ")
  }

  /// The fields that a template names: each has to be in every pipeline that prints by it.
  public var requiredFields: [String] {
    guard case .template(let template) = format else { return [] }
    return template.fieldNames.map(PrintTemplate.field(forPlaceholder:))
  }

  /// Those that no field fits: one named `line_` fits `{line_}` as well as one named `line` does.
  public func missingFields(among fields: [String]) -> [String] {
    guard case .template(let template) = format else { return [] }
    let known = fields.map(PrintTemplate.placeholder(forField:))
    return template.fieldNames.filter { !known.contains($0) }.map(PrintTemplate.field(forPlaceholder:))
  }

  public func make(in surroundings: SinkSurroundings) -> any Sink {
    Printer(
      recipe: self, name: surroundings.name, scheduler: surroundings.scheduler, log: surroundings.log,
      output: .standard, isOneOff: surroundings.stores.isOneOff)
  }
}

extension SinkKind {
  /// Standard output: `printer: { format: text | raw | json | '{time} {line}', color: auto | always | never }`.
  public static let printer = SinkKind(name: "printer") { options in
    var recipe = PrinterRecipe()
    if let text = options.text("format") {
      do throws(PrintTemplate.Fault) {
        recipe.format = try PrintFormat(reading: text)
      } catch {
        options.problem(at: "format", error.message)
      }
    }
    if let color = options.choice("color", of: PrintColor.self) { recipe.color = color }
    return recipe
  }
}

extension PrintFormat {
  /// A format by its name in a config, or a template.
  init(reading text: String) throws(PrintTemplate.Fault) {
    switch text {
    case "text": self = .text
    case "raw": self = .raw
    case "json": self = .json
    default:
      let template = try PrintTemplate(text)
      guard template.hasPlaceholder else {
        throw PrintTemplate.Fault(
          message: "unknown format \"\(text)\": text, raw, json, or a template such as '{time} {line}'")
      }
      self = .template(template)
    }
  }
}
