package dev.sinter.codegen.java;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JavaNamesTest {
  @Test
  void wordsBecomeCamelCase() {
    JavaNames names = new JavaNames();
    assertThat(names.type("char-lm")).isEqualTo("CharLm");
    assertThat(names.member("body.0.fc.weight")).isEqualTo("body0FcWeight");
    assertThat(names.member("Logits")).isEqualTo("logits");
  }

  @Test
  void whatJavaForbidsIsChanged() {
    JavaNames names = new JavaNames(List.of("part"));
    assertThat(names.member("class")).isEqualTo("class_");
    assertThat(names.member("hashCode")).isEqualTo("hashCode_");
    assertThat(names.member("part")).isEqualTo("part2");
    assertThat(names.member("")).isEqualTo("value");
    assertThat(names.member("3x")).isEqualTo("n3x");
    assertThat(names.type("2")).isEqualTo("Model2");
    assertThat(names.type("\u00fcbung \"x\" */ \\u000a")).isEqualTo("BungXU000a");
    assertThat(names.type("String")).isEqualTo("StringModel");
  }

  @Test
  void aNameIsGivenOnce() {
    JavaNames names = new JavaNames();
    assertThat(names.member("a.b")).isEqualTo("aB");
    assertThat(names.member("a-b")).isEqualTo("aB2");
    assertThat(names.member("k1")).isEqualTo("k1");
    assertThat(names.member("k1")).isEqualTo("k1_2");
  }
}
