package dev.sinter.ir.diagnostic;

import java.util.ArrayList;
import java.util.List;

/// One fault of the user's: what is wrong, where, how that was found, and how to mend it.
///
/// Immutable; built from [#error] by the methods that each return a richer one:
///
/// ```java
/// Diagnostic.error(DiagnosticCode.UNKNOWN_NAME, span, "nothing is called `lenght`")
///     .label("not defined here").also(other, "`length` is defined here").help("write `length`")
/// ```
///
/// @param message one sentence without a full stop
/// @param primary the place at fault
/// @param secondary other places that explain it
/// @param notes what was expected and how that was derived, a sentence each
/// @param help how to mend it, a sentence each
public record Diagnostic(
    DiagnosticCode code,
    Severity severity,
    String message,
    Label primary,
    List<Label> secondary,
    List<String> notes,
    List<String> help) {

  public Diagnostic {
    secondary = List.copyOf(secondary);
    notes = List.copyOf(notes);
    help = List.copyOf(help);
  }

  /// An error at `span`.
  public static Diagnostic error(DiagnosticCode code, Span span, String message) {
    return of(code, Severity.ERROR, span, message);
  }

  /// A warning at `span`.
  public static Diagnostic warning(DiagnosticCode code, Span span, String message) {
    return of(code, Severity.WARNING, span, message);
  }

  private static Diagnostic of(DiagnosticCode code, Severity severity, Span span, String message) {
    return new Diagnostic(
        code, severity, message, new Label(span, ""), List.of(), List.of(), List.of());
  }

  /// This with `text` under the carets.
  public Diagnostic label(String text) {
    return new Diagnostic(
        code, severity, message, new Label(primary.span(), text), secondary, notes, help);
  }

  /// This with one more place; a span without text adds nothing.
  public Diagnostic also(Span span, String text) {
    return span.isNone()
        ? this
        : new Diagnostic(
            code, severity, message, primary, and(secondary, new Label(span, text)), notes, help);
  }

  /// This with one more sentence on what was expected and why.
  public Diagnostic note(String text) {
    return new Diagnostic(code, severity, message, primary, secondary, and(notes, text), help);
  }

  /// This with one more way to mend it.
  public Diagnostic help(String text) {
    return new Diagnostic(code, severity, message, primary, secondary, notes, and(help, text));
  }

  private static <T> List<T> and(List<T> list, T last) {
    List<T> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }

  /// The place at fault.
  public Span span() {
    return primary.span();
  }

  /// The headline with its place, on one line: `net.sinter:3:5: error[SIN0201]: ...`.
  @Override
  public String toString() {
    String place = span().isNone() ? "" : span() + ": ";
    return place + severity.word() + "[" + code.code() + "]: " + message;
  }
}
