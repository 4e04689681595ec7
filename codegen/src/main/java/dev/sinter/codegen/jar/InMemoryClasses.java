package dev.sinter.codegen.jar;

import dev.sinter.runtime.Program;
import java.util.Map;

/// A class loader of compiled classes that lie in no file.
public final class InMemoryClasses extends ClassLoader {
  private final Map<String, byte[]> classes;

  /// @param classes the classes by binary name
  public InMemoryClasses(Map<String, byte[]> classes) {
    super("sinter", Program.class.getClassLoader());
    this.classes = Map.copyOf(classes);
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes = classes.get(name);
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }
}
