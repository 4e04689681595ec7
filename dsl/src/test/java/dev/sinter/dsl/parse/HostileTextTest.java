package dev.sinter.dsl.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Samples;
import dev.sinter.dsl.SyntaxText;
import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.dsl.format.Formatter;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticRenderer;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.testkit.Tier;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostileTextTest {
  private static final String PIECES =
      "(){}[]<>|=-+*/%.,:;\"'!&@#$\u00e9\u2192\ud83d\ude00\ud83d\0\r\n\t \\_09azAZ";

  private static List<DiagnosticCode> codes(String text) {
    Diagnostics diagnostics = new Diagnostics();
    SourceParser.parse(new SourceText("hostile.sinter", text), diagnostics);
    return diagnostics.list().stream().map(Diagnostic::code).toList();
  }

  private static String body(String expression) {
    return "fn f(x: f32[N]) -> f32[N] = " + expression + "\n";
  }

  @Test
  void twentyThousandParenthesesAreADiagnostic() {
    String text = body("(".repeat(20_000) + "x" + ")".repeat(20_000));
    assertThat(codes(text)).containsExactly(DiagnosticCode.NESTED_TOO_DEEPLY);
  }

  @Test
  void nestingWithoutBracketsIsADiagnosticToo() {
    assertThat(codes(body("not ".repeat(60_000) + "x")))
        .containsExactly(DiagnosticCode.NESTED_TOO_DEEPLY);
    assertThat(codes(body("-".repeat(100_000) + "x")))
        .containsExactly(DiagnosticCode.NESTED_TOO_DEEPLY);
    assertThat(codes(body("x" + " ** x".repeat(40_000))))
        .containsExactly(DiagnosticCode.NESTED_TOO_DEEPLY);
    assertThat(codes(body("if c then a else ".repeat(14_000) + "x")))
        .containsExactly(DiagnosticCode.NESTED_TOO_DEEPLY);
    assertThat(codes(body("x" + "[0]".repeat(50_000))))
        .containsExactly(DiagnosticCode.NESTED_TOO_DEEPLY);
  }

  @Test
  void theDeepestNestingThatIsReadIsAlsoBuiltAndPrinted() {
    String text = body("(".repeat(99) + "x" + ")".repeat(99));
    SourceFile file = Samples.parse(new SourceText("deep.sinter", text));
    assertThat(SyntaxText.of(Samples.parse(new SourceText("again", Formatter.format(file)))))
        .isEqualTo(SyntaxText.of(file));
  }

  @Test
  void aLongSumIsNoDeepTree() {
    SourceFile file =
        Samples.parse(new SourceText("sum.sinter", body("x" + " + x".repeat(50_000))));
    assertThat(Formatter.format(file)).startsWith("fn f(x: f32[N]) -> f32[N] =\n  x + x + x");
  }

  @Test
  void aFileTooLargeIsNotRead() {
    assertThat(codes(" ".repeat(SourceParser.MAX_CHARACTERS + 1)))
        .containsExactly(DiagnosticCode.FILE_TOO_LARGE);
  }

  @Test
  void noiseIsADiagnostic() {
    Random random = new Random(7);
    StringBuilder noise = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      noise.append((char) random.nextInt(0x10000));
    }
    assertThat(codes(noise.toString())).isNotEmpty();
  }

  @Test
  void mutatedProgramsGiveDiagnosticsAndNoException() {
    List<SourceText> samples = Samples.all();
    int cases = Tier.current().cases(500, 10_000);
    for (int seed = 0; seed < cases; seed++) {
      Random random = new Random(seed);
      String text = mutate(samples.get(seed % samples.size()).text(), random);
      Diagnostics diagnostics = new Diagnostics();
      Optional<SourceFile> file;
      try {
        file = SourceParser.parse(new SourceText("mutant.sinter", text), diagnostics);
        new DiagnosticRenderer(true).render(diagnostics.list());
      } catch (RuntimeException | StackOverflowError fault) {
        throw new AssertionError("seed " + seed + " gives " + fault + " for\n" + text, fault);
      }
      assertThat(file.isPresent()).as("seed " + seed).isEqualTo(!diagnostics.hasErrors());
      file.ifPresent(f -> printsAsItself(f, text));
    }
  }

  private static void printsAsItself(SourceFile file, String text) {
    String printed = Formatter.format(file);
    SourceFile again = Samples.parse(new SourceText("printed.sinter", printed));
    assertThat(SyntaxText.of(again)).as("printed from\n" + text).isEqualTo(SyntaxText.of(file));
    assertThat(Formatter.format(again)).as("printed twice from\n" + text).isEqualTo(printed);
  }

  private static String mutate(String text, Random random) {
    StringBuilder mutant = new StringBuilder(text);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(mutant.length());
      int end = Math.min(mutant.length(), at + 1 + random.nextInt(random.nextInt(20) + 1));
      switch (random.nextInt(5)) {
        case 0 -> mutant.delete(at, end);
        case 1 -> mutant.insert(at, mutant.substring(at, end));
        case 2 -> mutant.insert(at, PIECES.charAt(random.nextInt(PIECES.length())));
        case 3 -> mutant.setCharAt(at, PIECES.charAt(random.nextInt(PIECES.length())));
        default -> {
          String moved = mutant.substring(at, end);
          mutant.delete(at, end);
          mutant.insert(random.nextInt(mutant.length() + 1), moved);
        }
      }
      if (mutant.isEmpty()) {
        return "";
      }
    }
    return mutant.toString();
  }
}
