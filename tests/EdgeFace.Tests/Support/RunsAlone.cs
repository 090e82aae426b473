namespace EdgeFace.Tests.Support;

/// <summary>The collection of tests that watch the memory of the process, so that no other test may run beside them.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class RunsAlone;
