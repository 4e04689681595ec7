package dev.sinter.ir.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DiagnosticRendererTest {
  private static final DiagnosticRenderer PLAIN = new DiagnosticRenderer(false);

  private static Span find(SourceText source, String part) {
    int at = source.text().indexOf(part);
    return new Span(source, at, at + part.length());
  }

  @Test
  void showsBothPlacesNotesAndHelp() {
    SourceText source =
        new SourceText(
            "net.sinter",
            "fn f(x: f32[N]) -> f32[N] {\n  y = x + b\n\n  z = q\n\n\n  return y\n}\n");
    Diagnostic diagnostic =
        Diagnostic.error(DiagnosticCode.UNEXPECTED_TEXT, find(source, "q"), "`q` is wrong")
            .label("this one")
            .also(find(source, "x + b"), "because of this")
            .also(find(source, "return"), "")
            .note("expected a size\nand got none")
            .help("write `x`");
    assertThat(PLAIN.render(diagnostic))
        .isEqualTo(
            """
            error[SIN0101]: `q` is wrong
              --> net.sinter:4:7
               |
             2 |   y = x + b
               |       ----- because of this
              ...
             4 |   z = q
               |       ^ this one
              ...
             7 |   return y
               |   ------
               = note: expected a size
                       and got none
               = help: write `x`
            """);
  }

  @Test
  void namesTheOtherFileOfALabel() {
    SourceText first = new SourceText("a.sinter", "one");
    SourceText second = new SourceText("b.sinter", "\n\ntwo");
    String text =
        PLAIN.render(
            Diagnostic.warning(DiagnosticCode.IMPORT_CYCLE, find(first, "one"), "round and round")
                .also(find(second, "two"), "from here"));
    assertThat(text)
        .isEqualTo(
            """
            warning[SIN0703]: round and round
              --> a.sinter:1:1
               |
             1 | one
               | ^^^
              ::: b.sinter:3:1
               |
             3 | two
               | --- from here
            """);
  }

  @Test
  void showsNoTerminalSequenceOfAFile() {
    SourceText source = new SourceText("a\u001b.sinter", "x\u001b[31m \u202e y");
    String text =
        PLAIN.render(
            Diagnostic.error(DiagnosticCode.UNKNOWN_CHARACTER, find(source, "y"), "\u001b[2J"));
    assertThat(text).doesNotContain("\u001b").doesNotContain("\u202e").contains("\uFFFD[31m");
  }

  @Test
  void cutsALongLineAroundTheCarets() {
    SourceText source = new SourceText("a.sinter", "a".repeat(100_000) + "!" + "b".repeat(100_000));
    String[] lines =
        PLAIN
            .render(Diagnostic.error(DiagnosticCode.UNEXPECTED_TEXT, find(source, "!"), "no"))
            .split("\n");
    assertThat(Arrays.stream(lines).mapToInt(String::length).max().orElseThrow()).isLessThan(200);
    int column = lines[4].indexOf('^');
    assertThat(lines[3].charAt(column)).isEqualTo('!');
  }

  @Test
  void underlinesTheFirstLineOfALongSpan() {
    SourceText source = new SourceText("a.sinter", "one {\n  two\n}\n");
    String text =
        PLAIN.render(
            Diagnostic.error(DiagnosticCode.UNEXPECTED_TEXT, new Span(source, 0, 14), "no"));
    assertThat(text).contains(" 1 | one {\n   | ^^^^^\n");
  }

  @Test
  void paintsOnlyWhenAsked() {
    SourceText source = new SourceText("a.sinter", "x");
    Diagnostic diagnostic =
        Diagnostic.error(DiagnosticCode.UNEXPECTED_TEXT, find(source, "x"), "no");
    assertThat(new DiagnosticRenderer(true).render(diagnostic))
        .contains("\u001b[1;31merror[SIN0101]");
    assertThat(PLAIN.render(diagnostic)).doesNotContain("\u001b");
  }

  @Test
  void needsNoSource() {
    assertThat(
            PLAIN.render(
                Diagnostic.error(DiagnosticCode.FILE_NOT_FOUND, Span.NONE, "there is no `x`")))
        .isEqualTo("error[SIN0701]: there is no `x`\n");
  }
}
