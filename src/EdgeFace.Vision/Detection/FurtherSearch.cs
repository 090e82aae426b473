namespace EdgeFace.Vision.Detection;

/// <summary>
/// What is done where the search of the picture as it is gave nothing, or where faces of any orientation are asked for: it is searched turned by 90,
/// 180 and 270 degrees, and, if nothing was found, with stretched channels where it is dark, flat or tinted (docs/detector.md).
/// </summary>
sealed class FurtherSearch(FaceSearch search, FaceRefinement refinement, SearchRules rules, float recommended)
{
    // Each further search is another chance to take something else for a face: what stage 2 is not all but sure of needs a strong score too.
    const float Strong = 0.8f, LeastScore = 0.65f, Sure = 0.992f;

    // Landmarks of faces that lie between two of the searched angles need more steps.
    const int Passes = 4;

    /// <summary>Leaves in <see cref="SearchMemory.Found"/> all faces, the right way up, where those are that were found at first.</summary>
    public void Run(SearchMemory memory)
    {
        var found = memory.Found;
        // Weak ones that were asked for are no reason to look no further: what else is found may not depend on that.
        var isFound = found.Count > 0 && found[0].Score >= recommended;
        if (!rules.AnyOrientation && isFound) return;
        refinement.TurnUpright(memory, found);
        var tone = isFound ? null : Tone.Of(memory.Pyramid.Picture);
        memory.Tone = tone;
        memory.First.Clear();
        memory.First.AddRange(found);
        memory.Further.Clear();
        for (var quarters = tone is null ? 1 : 0; quarters < 4; quarters++)
        {
            search.RunTurned(memory, quarters, coarse: !rules.AnyOrientation);
            memory.Further.AddRange(found);
        }
        refinement.Run(memory, memory.Further, Passes);
        memory.Further.RemoveAll(IsDoubtful);
        Suppression.Settle(memory.Further, rules);
        refinement.TurnUpright(memory, memory.Further);
        found.Clear();
        found.AddRange(memory.First);
        found.AddRange(memory.Further);
        Suppression.Settle(found, rules);
    }

    /// <summary>
    /// Leaves in <see cref="SearchMemory.Found"/> what the picture shows looked at each of the four ways up, each as it was found: one
    /// place may have several, of which something else has to choose.
    /// </summary>
    /// <param name="settled">Which of them are wanted.</param>
    public void RunEachWay(SearchMemory memory, SearchRules settled)
    {
        var found = memory.Found;
        memory.Tone = Tone.Of(memory.Pyramid.Picture);
        memory.Further.Clear();
        for (var quarters = 0; quarters < 4; quarters++)
        {
            search.RunTurned(memory, quarters, coarse: true);
            refinement.Run(memory, found, Passes);
            Suppression.Settle(found, settled);
            memory.Further.AddRange(found);
        }
        found.Clear();
        found.AddRange(memory.Further);
    }

    static bool IsDoubtful(Candidate face) => face.Score < Strong && (face.Score < LeastScore || face.Refined < Sure);
}
