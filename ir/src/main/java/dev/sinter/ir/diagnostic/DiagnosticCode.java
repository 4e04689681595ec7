package dev.sinter.ir.diagnostic;

import java.util.Locale;

/// Every diagnostic there is, under a number that never changes meaning.
///
/// The hundreds group them: 01 syntax, 02 names, 03 sizes and shapes, 04 dtypes, 05 stages and
/// compile time, 06 training, state and keys, 07 imports and files, 08 limits, 10 data and weight
/// files, 11 ONNX and graphs as text. Each has a page in `docs/errors/`.
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
  UNKNOWN_NAME(202, "a name that nothing has"),
  WRONG_ARGUMENTS(203, "arguments that do not fit"),
  WRONG_KIND(204, "a value of the wrong kind"),
  ABSENT(205, "something that `when` left out"),
  WRONG_RESULT(206, "other results than declared"),
  UNUSED(207, "something that nothing uses"),

  SIZES_DIFFER(301, "sizes that are not the same"),
  RANKS_DIFFER(302, "another number of axes"),
  SHAPES_DIFFER(303, "shapes that do not go together"),
  INEXACT_DIVISION(304, "a division that may leave a remainder"),
  UNBOUND_SIZE(305, "a size that nothing binds"),
  UNDECIDED_SIZE(306, "a comparison of sizes that is not known"),
  FACT_VIOLATED(307, "a `where` that does not hold"),
  OUT_OF_RANGE(308, "an index out of range"),
  BAD_AXES(309, "an axis pattern that makes no sense"),
  MISPLACED_REDUCTION(310, "`for` outside index notation"),

  DTYPES_DIFFER(401, "dtypes that do not mix"),

  NOT_CONSTANT(501, "a run-time value where one of compile time is wanted"),
  MODULE_OUTSIDE_MEMBER(502, "a module made in a function"),
  ENDLESS_RECURSION(503, "calls or modules without end"),
  COMES_LATER(504, "something that is not built yet"),

  NOT_A_STATE(601, "`next` of what is no state"),
  NO_KEY(602, "random numbers without a key"),
  NOTHING_TO_LEARN(603, "a `minimize` that changes nothing"),
  LEARNED_TWICE(604, "a weight that is changed twice"),
  INCOMPLETE_TRAIN(605, "a `train` that lacks a part"),
  KEY_USED_TWICE(606, "a key used twice"),

  NO_DERIVATIVE(650, "a gradient through something that has none"),
  GRADIENT_DIFFERS(651, "a gradient that is no derivative"),

  FILE_NOT_FOUND(701, "a file that is not there"),
  FILE_NOT_READABLE(702, "a file that cannot be read as text"),
  IMPORT_CYCLE(703, "files that import each other"),
  UNKNOWN_IMPORT(705, "an import of a name that the file does not define"),

  TOO_MANY_DIAGNOSTICS(801, "more diagnostics than are shown"),
  SIZE_TOO_LARGE(804, "a size beyond all bounds"),
  LIMIT_EXCEEDED(805, "more than a `limit` allows"),
  FILE_TOO_LARGE(802, "a file beyond the size that is read"),
  NESTED_TOO_DEEPLY(803, "brackets nested beyond the depth that is read"),

  WEIGHTS_MISFIT(1001, "a file of weights that does not fit the model"),
  SCHEDULES_MALFORMED(1002, "a table of schedules that cannot be read"),
  SIZES_MISFIT(1003, "sizes that an input cannot have"),

  ONNX_FAULT(1101, "an ONNX model that cannot be compiled"),
  NOT_EXPORTED(1103, "something that ONNX has no form for");

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
