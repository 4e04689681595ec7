/// From Java sources to a JAR: the compiler in memory, the gate on method sizes, the writer.
package dev.sinter.codegen.jar;
