package dev.sinter.dsl.elaborate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Text;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.testkit.Golden;
import dev.sinter.testkit.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each diagnostic has a page in `docs/errors`. What its failing example is said to give is what
/// the compiler says, and its mended example has no fault.
class ErrorPagesTest {
  private static final Pattern EXAMPLE = Pattern.compile("```sinter\n(.*?)```\n", Pattern.DOTALL);
  private static final Pattern SAID = Pattern.compile("```text\n.*?```\n", Pattern.DOTALL);

  private static Path page(DiagnosticCode code) {
    return Repository.current().file("docs/errors/" + code.code() + ".md");
  }

  @Test
  void eachCodeHasAPageOfItsTitle() throws IOException {
    for (DiagnosticCode code : DiagnosticCode.values()) {
      assertThat(page(code)).exists();
      assertThat(Files.readString(page(code)))
          .startsWith("# " + code.code() + ": " + code.title() + "\n");
    }
  }

  @Test
  void eachPageIsOfACode() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (var files = Files.list(Repository.current().file("docs/errors"))) {
      files.forEach(pages::add);
    }
    assertThat(pages)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(DiagnosticCode.values()).map(ErrorPagesTest::page).toList());
  }

  /// Codes whose pages show examples: the others are about files, limits or later stages.
  static Stream<DiagnosticCode> shown() throws IOException {
    List<DiagnosticCode> shown = new ArrayList<>();
    for (DiagnosticCode code : DiagnosticCode.values()) {
      if (Files.readString(page(code)).contains("## Fails")) {
        shown.add(code);
      }
    }
    return shown.stream();
  }

  @ParameterizedTest
  @MethodSource("shown")
  void theFailingExampleFailsAsThePageSays(DiagnosticCode code) throws IOException {
    String text = Files.readString(page(code));
    Text failing = Text.of(examples(text).getFirst());
    assertThat(failing.faults()).isNotEmpty().allMatch(fault -> fault.code() == code);
    new Golden(page(code))
        .check(
            SAID.matcher(text)
                .replaceFirst(
                    Matcher.quoteReplacement("```text\n" + failing.said().strip() + "\n```\n")));
  }

  @ParameterizedTest
  @MethodSource("shown")
  void theMendedExampleHasNoFault(DiagnosticCode code) throws IOException {
    Text mended = Text.of(examples(Files.readString(page(code))).getLast());
    assertThat(mended.said()).isEmpty();
    assertThat(mended.names()).isNotEmpty();
  }

  private static List<String> examples(String page) {
    List<String> examples = EXAMPLE.matcher(page).results().map(m -> m.group(1)).toList();
    assertThat(examples).hasSize(2);
    return examples;
  }
}
