package dev.sinter.ir.diagnostic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SourceTextTest {
  @Test
  void countsLinesOfEveryKindOfBreak() {
    SourceText source = new SourceText("s", "a\nbc\r\nd\re");
    assertThat(source.lines()).isEqualTo(4);
    assertThat(source.line(source.text().indexOf('c'))).isEqualTo(2);
    assertThat(source.column(source.text().indexOf('c'))).isEqualTo(2);
    assertThat(source.line(source.text().indexOf('d'))).isEqualTo(3);
    assertThat(source.line(source.text().indexOf('e'))).isEqualTo(4);
    assertThat(source.text().substring(source.lineStart(2), source.lineEnd(2))).isEqualTo("bc");
  }

  @Test
  void countsColumnsInCodePoints() {
    SourceText source = new SourceText("s", "\"\uD83D\uDE00\" x");
    assertThat(source.column(source.text().indexOf('x'))).isEqualTo(5);
  }

  @Test
  void theEndOfTheTextIsAPlace() {
    SourceText source = new SourceText("s", "ab\n");
    assertThat(new Span(source, 3, 3)).hasToString("s:2:1");
    assertThat(new Span(SourceText.NONE, 0, 0)).hasToString("");
  }

  @Test
  void aSpanLiesInItsText() {
    SourceText source = new SourceText("s", "ab");
    assertThatThrownBy(() -> new Span(source, 1, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new Span(source, 0, 1).to(new Span(source, 1, 2))).isEqualTo(new Span(source, 0, 2));
  }
}
