package dev.sinter.dsl.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.diagnostic.DiagnosticRenderer;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.testkit.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each file under `src/test/golden/syntax` holds a text with faults; what is said about it lies
/// beside it.
class SyntaxFaultsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "statements",
        "items",
        "headers",
        "characters",
        "brackets",
        "unclosed",
        "literals"
      })
  void saysWhatIsWrong(String name) throws IOException {
    String text = Files.readString(Path.of("src/test/golden/syntax/" + name + ".sinter"));
    Diagnostics diagnostics = new Diagnostics();
    assertThat(SourceParser.parse(new SourceText(name + ".sinter", text), diagnostics)).isEmpty();
    Golden.of("syntax/" + name + ".txt")
        .check(new DiagnosticRenderer(false).render(diagnostics.list()));
  }
}
