package dev.sinter.codegen.jar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.codegen.java.SourceFile;
import dev.sinter.ir.diagnostic.CompilerBug;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MethodSizesTest {
  private static MethodSizes sizesOf(int statements) {
    String body = "    x = x * 3 + y;\n".repeat(statements);
    String text =
        "package a;\npublic class B {\n  static int grow(int x, int y) {\n"
            + body
            + "    return x;\n  }\n}\n";
    return sizesOf(text);
  }

  private static MethodSizes sizesOf(String text) {
    return MethodSizes.of(new InMemoryCompiler().compile(List.of(new SourceFile("a.B", text))));
  }

  @Test
  void aMethodBeyondTheLimitIsNamed() {
    assertThatThrownBy(() -> sizesOf(2000).check())
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("a.B.grow has 12002 bytes");
  }

  @Test
  void shorterOnesPass() {
    MethodSizes sizes = sizesOf(1000);
    sizes.check();
    assertThat(sizes.methods()).contains(new MethodSizes.Method("a.B", "grow", 6002, Set.of()));
  }

  @Test
  void aMethodNamesThoseOfItsClassThatItCalls() {
    MethodSizes sizes =
        sizesOf(
            """
            package a;
            public class B {
              int all(int x) { return Math.abs(one(x)) + other() + one(1); }
              private static int one(int x) { return x; }
              int other() { return 2; }
            }
            """);
    assertThat(sizes.methods())
        .filteredOn(method -> method.name().equals("all"))
        .singleElement()
        .satisfies(all -> assertThat(all.calls()).containsExactly("one", "other"));
  }

  @Test
  void sourcesThatDoNotCompileAreABugWithTheirLine() {
    SourceFile wrong = new SourceFile("a.B", "package a;\nclass B {\n  int x = ;\n}\n");
    assertThatThrownBy(() -> new InMemoryCompiler().compile(List.of(wrong)))
        .isInstanceOf(CompilerBug.class)
        .hasMessageContaining("B.java:3");
  }
}
