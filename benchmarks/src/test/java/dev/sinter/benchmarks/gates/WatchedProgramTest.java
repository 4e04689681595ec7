package dev.sinter.benchmarks.gates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.runtime.Program;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WatchedProgramTest {
  @Test
  void leavesNoMethodOfAProgramToItsDefault() {
    assertThat(Program.class.getMethods())
        .allSatisfy(method ->
            assertThat(WatchedProgram.class.getDeclaredMethods())
                .anyMatch(own -> isSame(own, method)));
  }

  private static boolean isSame(Method own, Method method) {
    return own.getName().equals(method.getName())
        && Arrays.equals(own.getParameterTypes(), method.getParameterTypes());
  }
}
