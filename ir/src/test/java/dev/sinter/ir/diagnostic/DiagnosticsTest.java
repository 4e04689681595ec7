package dev.sinter.ir.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DiagnosticsTest {
  private static Diagnostic error(String message) {
    return Diagnostic.error(DiagnosticCode.UNEXPECTED_TEXT, Span.NONE, message);
  }

  @Test
  void keepsTheOrderAndDropsWhatIsSaidTwice() {
    Diagnostics diagnostics = new Diagnostics();
    diagnostics.report(error("b"));
    diagnostics.report(error("a"));
    diagnostics.report(error("b"));
    assertThat(diagnostics.list()).extracting(Diagnostic::message).containsExactly("b", "a");
  }

  @Test
  void isBounded() {
    Diagnostics diagnostics = new Diagnostics(10);
    for (int i = 0; i < 1000; i++) {
      diagnostics.report(error("number " + i));
    }
    assertThat(diagnostics.list()).hasSize(11);
    assertThat(diagnostics.list().getLast().code()).isEqualTo(DiagnosticCode.TOO_MANY_DIAGNOSTICS);
    assertThat(diagnostics.isFull()).isTrue();
  }

  @Test
  void aWarningAloneEndsNoStage() {
    Diagnostics diagnostics = new Diagnostics();
    diagnostics.report(Diagnostic.warning(DiagnosticCode.UNEXPECTED_TEXT, Span.NONE, "odd"));
    assertThatCode(diagnostics::throwIfErrors).doesNotThrowAnyException();
    diagnostics.report(error("wrong"));
    assertThatThrownBy(diagnostics::throwIfErrors)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("error[SIN0101]: wrong");
  }

  @Test
  void everyCodeHasItsOwnNumber() {
    assertThat(Arrays.stream(DiagnosticCode.values()).map(DiagnosticCode::code))
        .doesNotHaveDuplicates();
  }
}
