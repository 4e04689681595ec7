package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.atn.PredictionMode;

/// Parses one file: tokens, a check of them, the grammar, the records.
public final class SourceParser {
  /// A model's text has a few kilobytes; a parse tree takes a thousand times the text it stands
  /// for.
  static final int MAX_CHARACTERS = 256 * 1024;

  private SourceParser() {}

  /// The syntax of `source`, or nothing where errors were reported.
  public static Optional<SourceFile> parse(SourceText source, Diagnostics diagnostics) {
    if (source.text().length() > MAX_CHARACTERS) {
      diagnostics.report(
          Diagnostic.error(
                  DiagnosticCode.FILE_TOO_LARGE,
                  new Span(source, 0, 0),
                  "this file has more than " + MAX_CHARACTERS + " characters")
              .help("split it, and join the parts by `import`"));
      return Optional.empty();
    }
    // What is found in this file alone decides whether it is built.
    Diagnostics found = new Diagnostics();
    try {
      return build(source, found);
    } catch (DiagnosticException fault) {
      fault.diagnostics().forEach(found::report);
      return Optional.empty();
    } finally {
      found.list().forEach(diagnostics::report);
    }
  }

  /// The words that the grammar gives a meaning.
  public static Set<String> words() {
    Set<String> words = new HashSet<>();
    for (int type = 0; type <= SinterLexer.VOCABULARY.getMaxTokenType(); type++) {
      String literal = SinterLexer.VOCABULARY.getLiteralName(type);
      if (literal != null && literal.matches("'[a-z_0-9]+'")) {
        words.add(literal.substring(1, literal.length() - 1));
      }
    }
    for (DType dtype : DType.values()) {
      words.add(dtype.toString());
    }
    return words;
  }

  private static Optional<SourceFile> build(SourceText source, Diagnostics found) {
    CommonTokenStream tokens = tokens(source);
    if (!new TokenCheck(source, found).check(tokens)) {
      return Optional.empty();
    }
    SinterParser parser = parser(tokens, source, found);
    SinterParser.FileContext tree = parser.file();
    if (found.hasErrors()) {
      return Optional.empty();
    }
    SourceFile file = new FileBuilder(new Tree(source, tokens, found)).build(tree);
    return found.hasErrors() ? Optional.empty() : Optional.of(file);
  }

  static CommonTokenStream tokens(SourceText source) {
    SinterLexer lexer = new SinterLexer(CharStreams.fromString(inCodeUnits(source.text())));
    lexer.removeErrorListeners();
    CommonTokenStream tokens = new CommonTokenStream(lexer);
    tokens.fill();
    return tokens;
  }

  static SinterParser parser(CommonTokenStream tokens, SourceText source, Diagnostics found) {
    SinterParser parser = new SinterParser(tokens);
    parser.removeErrorListeners();
    parser.setErrorHandler(new RecoveringStrategy(new SyntaxFaults(source, found)));
    parser.addParseListener(new NestingLimit(source));
    // A test holds the grammar to be SLL, which keeps the look-ahead of hostile texts cheap.
    parser.getInterpreter().setPredictionMode(PredictionMode.SLL);
    return parser;
  }

  // ANTLR counts code points, spans count UTF-16 units: surrogates become characters of one unit
  // each, and a byte order
  // mark a space. Tokens only carry offsets on; what they say is read from the source itself.
  private static String inCodeUnits(String text) {
    StringBuilder units = new StringBuilder(text);
    for (int i = 0; i < units.length(); i++) {
      if (Character.isSurrogate(units.charAt(i))) {
        units.setCharAt(i, '\uFFFD');
      }
    }
    if (!units.isEmpty() && units.charAt(0) == '\uFEFF') {
      units.setCharAt(0, ' ');
    }
    return units.toString();
  }
}
