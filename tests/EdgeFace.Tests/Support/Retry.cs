namespace EdgeFace.Tests.Support;

/// <summary>For what another process does in its own time.</summary>
static class Retry
{
    static readonly TimeSpan Most = TimeSpan.FromSeconds(60);

    /// <summary>Asks again and again until the answer is the one awaited; fails after a minute.</summary>
    public static T Until<T>(Func<T> ask, Func<T, bool> awaited)
    {
        for (var start = DateTime.UtcNow; ;)
        {
            var answer = ask();
            if (awaited(answer)) return answer;
            Assert.True(DateTime.UtcNow - start < Most, $"in {Most} it never came: the last answer was {answer}");
            Thread.Sleep(50);
        }
    }
}
