package dev.sinter.ir.diagnostic;

import java.util.Locale;

/// Every diagnostic there is, under a number that never changes meaning.
///
/// The hundreds group them: 01 syntax, 02 names, 03 sizes and shapes, 04 dtypes, 05 stages and
/// compile time, 06 training, state and keys, 07 imports and files, 08 limits, 10 data and weight
/// files. Each has a page in `docs/errors/`.
public enum DiagnosticCode {
  UNEXPECTED_TEXT(101, "text that does not fit here"),
  UNKNOWN_CHARACTER(102, "a character that the language does not use"),
  UNTERMINATED_STRING(103, "a string without its closing quote"),
  UNBALANCED_BRACKET(104, "a bracket without its other half"),
  MALFORMED_NUMBER(105, "a number that cannot be read"),
  FOREIGN_SYNTAX(106, "a word or sign of another language"),
  BAD_ESCAPE(107, "an escape that strings do not have"),
  MISPLACED_STATEMENT(108, "a statement that has no meaning here"),
  MISSING_RETURN(109, "a body without `return`"),
  CHAINED_COMPARISON(110, "two comparisons in a row"),
  MISPLACED_ITEM(111, "an item that has no meaning here"),

  DUPLICATE_NAME(201, "one name for two things"),

  NO_DERIVATIVE(650, "a gradient through something that has none"),

  FILE_NOT_FOUND(701, "a file that is not there"),
  FILE_NOT_READABLE(702, "a file that cannot be read as text"),
  IMPORT_CYCLE(703, "files that import each other"),
  UNKNOWN_IMPORT(705, "an import of a name that the file does not define"),

  TOO_MANY_DIAGNOSTICS(801, "more diagnostics than are shown"),
  FILE_TOO_LARGE(802, "a file beyond the size that is read"),
  NESTED_TOO_DEEPLY(803, "brackets nested beyond the depth that is read");

  private final int number;
  private final String title;

  DiagnosticCode(int number, String title) {
    this.number = number;
    this.title = title;
  }

  /// The stable code: `SIN0101`.
  public String code() {
    return String.format(Locale.ROOT, "SIN%04d", number);
  }

  /// What the code stands for, in a few words.
  public String title() {
    return title;
  }
}
