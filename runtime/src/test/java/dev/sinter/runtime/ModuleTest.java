package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModuleTest {
  /// A JVM without the vector module must load the runtime, or a model could not fall back to
  /// scalar kernels.
  @Test
  void needsNothingButTheJdksBase() {
    String home = Model.class.getProtectionDomain().getCodeSource().getLocation().toString();
    ModuleDescriptor module =
        ModuleFinder.of(Path.of(URI.create(home)))
            .find("dev.sinter.runtime")
            .orElseThrow()
            .descriptor();
    assertThat(module.requires())
        .filteredOn(r -> !r.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
        .extracting(ModuleDescriptor.Requires::name)
        .containsExactly("java.base");
  }
}
