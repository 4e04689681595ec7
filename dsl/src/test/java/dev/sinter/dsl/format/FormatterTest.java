package dev.sinter.dsl.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Samples;
import dev.sinter.dsl.SyntaxText;
import dev.sinter.dsl.ast.Comment;
import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.testkit.Golden;
import dev.sinter.testkit.Tier;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FormatterTest {
  static List<SourceText> samples() {
    return Samples.all();
  }

  private static String format(String text) {
    return Formatter.format(Samples.parse(new SourceText("test.sinter", text)));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void samplesAreInCanonicalForm(SourceText source) {
    new Golden(Path.of("src/test/language", source.name())).check(format(source.text()));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void linesAndSpacesMeanNothing(SourceText source) {
    SourceFile file = Samples.parse(source);
    for (int seed = 0; seed < Tier.current().cases(3, 100); seed++) {
      String scrambled = scramble(source.text(), new Random(seed));
      SourceFile other = Samples.parse(new SourceText("scrambled", scrambled));
      assertThat(SyntaxText.of(other)).isEqualTo(SyntaxText.of(file));
      String printed = Formatter.format(other);
      assertThat(format(printed)).as("printed twice, seed " + seed).isEqualTo(printed);
      assertThat(SyntaxText.of(Samples.parse(new SourceText("again", printed))))
          .isEqualTo(SyntaxText.of(file));
    }
  }

  // Spaces become other spaces, except in strings and comments.
  private static String scramble(String text, Random random) {
    StringBuilder out = new StringBuilder();
    for (String line : text.lines().toList()) {
      int comment = line.indexOf("//");
      String code = comment < 0 ? line : line.substring(0, comment);
      boolean inString = false;
      for (int i = 0; i < code.length(); i++) {
        char c = code.charAt(i);
        inString ^= c == '"';
        boolean space = c == ' ' && !inString;
        out.append(space ? List.of(" ", "  ", "\n", "\n\n", "\t").get(random.nextInt(5)) : c);
      }
      out.append(comment < 0 ? "" : line.substring(comment)).append('\n');
    }
    return out.toString();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void commentsAreKeptWhereverTheyStand(SourceText source) {
    for (int seed = 0; seed < Tier.current().cases(3, 100); seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      int number = 0;
      for (String line : source.text().lines().toList()) {
        boolean roll = random.nextInt(3) == 0 && !line.contains("//");
        text.append(line).append(roll ? " // number " + number++ : "").append('\n');
        text.append(random.nextInt(6) == 0 ? "  // number " + number++ + "\n" : "");
      }
      SourceFile file = Samples.parse(new SourceText("commented", text.toString()));
      String printed = Formatter.format(file);
      SourceFile again = Samples.parse(new SourceText("printed", printed));
      assertThat(again.comments().stream().map(Comment::text).sorted())
          .containsExactlyElementsOf(file.comments().stream().map(Comment::text).sorted().toList());
      assertThat(Formatter.format(again)).as("printed twice, seed " + seed).isEqualTo(printed);
    }
  }

  @Test
  void keepsCommentsBesideWhatTheyBelongTo() {
    assertThat(
            format(
                """
                // the file


                import a.{B} // for B
                /// What it is.
                module M[I->O] { // the body
                  // before
                  a=B[I->O]  // behind

                  longer=B[O->O]( // inside
                     k=3)
                  // last
                }
                // the end
                """))
        .isEqualTo(
            """
            // the file

            import a.{B}  // for B

            /// What it is.
            module M[I -> O] {
              // the body
              // before
              a = B[I -> O]  // behind

              // inside
              longer = B[O -> O](k = 3)
              // last
            }

            // the end
            """);
  }

  @Test
  void anEmptyFileStaysEmpty() {
    assertThat(format("")).isEmpty();
    assertThat(format("\n\n  \n")).isEmpty();
    assertThat(format("model M {\n}")).isEqualTo("model M {}\n");
  }
}
